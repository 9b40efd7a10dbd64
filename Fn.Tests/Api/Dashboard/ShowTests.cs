using Fn.Api.Dashboard.Components.Parts;
using Fn.Api.Dashboard.Invoke;
using Fn.Api.Dashboard.Live;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class ShowTests
{
    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0 ms")]
    [InlineData(0.042, "42 µs")]
    [InlineData(0.25, "0.25 ms")]
    [InlineData(412.4, "412 ms")]
    [InlineData(1234.0, "1.23 s")]
    [InlineData(61_000.0, "61 s")]
    [InlineData(900_000.0, "15 min")]
    [InlineData(86_400_000.0, "24 h")]
    public void Milliseconds_OfAnySize_HaveAUnit(double? value, string text) => Assert.Equal(text, Show.Milliseconds(value));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0/s")]
    [InlineData(0.02, "1.2/min")]
    [InlineData(3.456, "3.46/s")]
    [InlineData(12_345.6, "12,346/s")]
    public void Rate_OfAnySize_IsShort(double? value, string text) => Assert.Equal(text, Show.Rate(value));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(64L << 20, "64 MiB")]
    [InlineData(22_748_457_370, "21.2 GiB")]
    public void Bytes_OfAnySize_HaveAUnit(long bytes, string text) => Assert.Equal(text, Show.Bytes(bytes));

    [Fact]
    public void Outline_ValuesWithGaps_MovesOverThem()
    {
        double?[] values = [1, 2, null, 4, null];
        var line = new ChartLine("x", "hot", figures => values[figures.Calls]);
        Figures[] steps = [.. Enumerable.Range(0, values.Length).Select(i => Figures.None with { Calls = i })];

        Assert.Equal(5, ChartLine.TopOf([line], steps));
        Assert.Equal("M0 80L25 60M75 20m-.7 0h1.4", line.Outline(steps, 5));
        Assert.Equal("M0 80L25 60L25 100L0 100ZM75 20L75 100L75 100Z", line.Area(steps, 5));
    }

    [Fact]
    public void Body_TextCutInACharacter_IsText()
    {
        Assert.True(BodyText.IsText("Grü"u8[..3]));
        Assert.False(BodyText.IsText([0xff, 0xfe, 0x00, 0x01]));
        Assert.False(BodyText.IsText("a\0b"u8));
        Assert.Equal("000000  41 c3 bc 0a                                      A··· \n".Replace(" \n", "\n", StringComparison.Ordinal), BodyText.Hex("Aü\n"u8));
    }
}
