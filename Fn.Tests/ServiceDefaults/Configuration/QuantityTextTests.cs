using Fn.ServiceDefaults.Configuration;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Configuration;

public class QuantityTextTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("120s", 120_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1.5 s", 1_500)]
    [InlineData("2M", 120_000)]
    [InlineData("30", 30_000)]
    [InlineData("0", 0)]
    [InlineData("00:01:30", 90_000)]
    [InlineData("1:00:00", 3_600_000)]
    [InlineData("00:00:00.250", 250)]
    public void DurationTryParse_Accepted_IsThatLong(string text, double milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("12 parsecs")]
    [InlineData("-1s")]
    [InlineData("1,5s")]
    [InlineData("1e3")]
    [InlineData("1:30")]
    [InlineData("5d")]
    [InlineData("99999999999999999999h")]
    [InlineData("9223372036854775807s")]
    public void DurationTryParse_Other_IsRefused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("0s", "0s")]
    [InlineData("250ms", "250ms")]
    [InlineData("1500ms", "1500ms")]
    [InlineData("120s", "120s")]
    [InlineData("90s", "90s")]
    [InlineData("180s", "3m")]
    [InlineData("600s", "10m")]
    [InlineData("60m", "1h")]
    public void DurationFormat_AnyValue_IsWhatAPersonWouldWrite(string text, string expected)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(expected, DurationText.Format(value));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1048576)]
    [InlineData("512B", 512)]
    [InlineData("64KiB", 65536)]
    [InlineData("64 kib", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("16M", 16777216)]
    [InlineData("1.5GiB", 1610612736)]
    [InlineData("1g", 1073741824)]
    [InlineData("2TiB", 2199023255552)]
    [InlineData("1PiB", 1125899906842624)]
    public void BytesTryParse_Accepted_IsThatMany(string text, long bytes)
    {
        Assert.True(BytesText.TryParse(text, out var value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("64MB")]
    [InlineData("-1")]
    [InlineData("0.5")]
    [InlineData("lots")]
    [InlineData("9000PiB")]
    public void BytesTryParse_Other_IsRefused(string text) => Assert.False(BytesText.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(1500, "1500")]
    [InlineData(65536, "64KiB")]
    [InlineData(16777216, "16MiB")]
    [InlineData(1125899906842624, "1PiB")]
    public void BytesFormat_AnyValue_IsTheLargestWholeUnit(long bytes, string expected) => Assert.Equal(expected, BytesText.Format(bytes));
}
