using System.Text;
using Fn.Runner.Containers;
using Xunit;

namespace Fn.Tests.Runner.Containers;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("plain\ttext", "plain\ttext")]
    [InlineData("dos\r", "dos")]
    [InlineData("grüße €", "grüße €")]
    [InlineData("\u001b[31mred", "\uFFFD[31mred")]
    [InlineData("a\0b\u0085c", "a\uFFFDb\uFFFDc")]
    public void Read_Text_IsShownAsItIsButForControls(string written, string read) => Assert.Equal(read, LogText.Read(Encoding.UTF8.GetBytes(written)));

    [Fact]
    public void Read_NoText_IsReplaced() => Assert.Equal("\uFFFD\uFFFDa\uFFFD", LogText.Read([0xFF, 0xC0, (byte)'a', 0xE2, 0x82]));

    [Theory]
    [InlineData("aaé", 4, 4)]
    [InlineData("aaé", 3, 2)]
    [InlineData("a€", 3, 1)]
    [InlineData("a€", 2, 1)]
    [InlineData("a😀", 4, 1)]
    [InlineData("a😀", 5, 5)]
    [InlineData("abc", 2, 2)]
    public void WholeCharacters_PartOfText_EndsBeforeOneThatIsCut(string text, int length, int whole) =>
        Assert.Equal(whole, LogText.WholeCharacters(Encoding.UTF8.GetBytes(text).AsSpan(0, length)));

    [Fact]
    public void WholeCharacters_NoText_IsAll() => Assert.Equal(6, LogText.WholeCharacters([0x80, 0x80, 0x80, 0x80, 0x80, 0x80]));
}
