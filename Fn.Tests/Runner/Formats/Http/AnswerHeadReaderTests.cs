using System.Text;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>What the head of an answer says, and what is said of one that is none.</summary>
public sealed class AnswerHeadReaderTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", 200, null, false, false)]
    [InlineData("HTTP/1.0 404\n\n", 404, null, false, false)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n", 200, 12L, true, false)]
    [InlineData("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, 0L, true, false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: Chunked\r\n\r\n", 200, null, true, false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", 200, 0L, true, true)]
    public void Read_Head_SaysHowTheAnswerIsFramed(string text, int status, long? length, bool delimited, bool closes)
    {
        var head = Read(text).Head!;

        Assert.Equal(status, head.Status);
        Assert.Equal(new AnswerFrame(length, delimited), head.Frame);
        Assert.Equal(closes, head.Closes);
    }

    [Theory]
    [InlineData("timeout=5", 5)]
    [InlineData("max=100, TIMEOUT=0", 0)]
    [InlineData("timeout=", null)]
    [InlineData("timeout=-1", null)]
    public void Read_KeepAlive_IsWhatTheFunctionSays(string value, int? seconds) =>
        Assert.Equal(seconds, (int?)Read($"HTTP/1.1 200 OK\r\nKeep-Alive: {value}\r\n\r\n").Head!.KeepAlive?.TotalSeconds);

    [Theory]
    [InlineData("HTTP/1.1 2x0 OK\r\n", "malformed HTTP status line \"HTTP/1.1 2x0 OK\"")]
    [InlineData("HTTP/1.1 099 Low\r\n", "malformed HTTP status line \"HTTP/1.1 099 Low\"")]
    [InlineData("HTTP/1.1\r\n", "malformed HTTP status line \"HTTP/1.1\"")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n", "malformed MIME header line: no colon")]
    [InlineData("HTTP/1.1 200 OK\r\n: x\r\n", "malformed MIME header line: : x")]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\r\n folded: 2\r\n", "malformed MIME header line:  folded: 2")]
    [InlineData("HTTP/1.1 200 OK\r\nBlank : x\r\n", "malformed MIME header line: Blank : x")]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\r2\r\n", "malformed MIME header line: A: 1")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "bad Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n", "bad Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n", "bad Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", "unsupported transfer encoding \"gzip\"")]
    public void Read_Malformed_IsSaidBeforeTheHeadsEnd(string text, string detail) => Assert.Equal(detail, Read(text).Failure!.Detail);

    [Fact]
    public void Read_BytesOneByOne_IsTheSame()
    {
        var bytes = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie:b=2 \r\nX-Latin: caf\u00e9\r\nConnection: keep-alive\r\nTE: trailers\r\n\r\nbody");
        var reader = new AnswerHeadReader();
        HeadOutcome? outcome = null;

        for (var i = 0; i <= bytes.Length && outcome is null; i++)
            outcome = reader.Read(bytes.AsSpan(0, i));

        Assert.Equal([new Header("Set-Cookie", "a=1"), new Header("set-cookie", "b=2"), new Header("X-Latin", "caf\u00e9"), new Header("TE", "trailers")], outcome!.Value.Head!.Headers);
        Assert.Equal("body", Encoding.Latin1.GetString(bytes.AsSpan(reader.Used)));
    }

    private static HeadOutcome Read(string text) => new AnswerHeadReader().Read(Encoding.Latin1.GetBytes(text))!.Value;
}
