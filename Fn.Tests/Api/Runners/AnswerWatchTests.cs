using System.Text;
using Fn.Api.Runners;
using Xunit;

namespace Fn.Tests.Api.Runners;

public sealed class AnswerWatchTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("HTTP/1.1 ", false)]
    [InlineData("HTTP/1.1 2", true)]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\n", true)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", false)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 ", false)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", true)]
    [InlineData("HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early\r\nLink: 2\r\n\r\nHTTP/1.1 4", true)]
    [InlineData("HTTP/1.1 100 Continue\r\nX: HTTP/1.1 200\r\n", false)]
    public void Feed_InOnePieceOrByteByByte_NoticesOnlyTheFinalAnswer(string bytes, bool begun)
    {
        var whole = default(AnswerWatch);
        var single = default(AnswerWatch);

        whole.Feed(Encoding.ASCII.GetBytes(bytes));
        foreach (var one in Encoding.ASCII.GetBytes(bytes))
            single.Feed([one]);

        Assert.Equal(begun, whole.FinalBegun);
        Assert.Equal(begun, single.FinalBegun);
    }
}
