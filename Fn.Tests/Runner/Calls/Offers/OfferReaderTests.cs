using System.Text;
using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

public sealed class OfferReaderTests
{
    private const string CallId = "01CALL00000000000000000000";
    private const string Start = $"POST /runner/v1/calls/{CallId} HTTP/1.1\r\n";
    private const string Platform = "Fn-Offer-Revision: r\r\nFn-Offer-Method: GET\r\nFn-Offer-Url: http://x/\r\nFn-Offer-Wait: now\r\n";

    private readonly OfferReader _reader = new();

    [Fact]
    public void Read_WholeHead_IsTheOffer()
    {
        var text = Start + "Host: h\r\n" + Platform + "X-Latin:  caf\u00e9\t\r\nset-cookie: a\r\nSet-Cookie: b\r\nTE: trailers\r\nTe: gzip\r\nKeep-Alive: 5\r\n"
            + "Fn-Offer-Mac: m\r\nFn-Offer-Mac-Runner: id\r\nFn-Offer-Line-2: X:2\r\nFn-Offer-Line-1: X:1\r\nFn-Offer-Newer: 1\r\nContent-Length: 3\r\n\r\n";

        Assert.True(Read(text + "abc"));

        var head = _reader.ToHead(out var problem)!;
        Assert.Null(problem);
        Assert.Equal((CallId, "r", "GET", "http://x/", null, false), (head.CallId, head.Revision, head.Method, head.Url, head.Wait, head.Detached));
        Assert.Equal(
            [new("X-Latin", "caf\u00e9"), new("set-cookie", "a"), new("Set-Cookie", "b"), new("TE", "trailers"), new("X", "1"), new("X", "2")],
            head.Headers);
        Assert.Equal((text.Length, 3, "m", "id", null), (_reader.Used, _reader.Length, _reader.Mac, _reader.MacRunner, _reader.Problem));
    }

    [Fact]
    public void Read_BytesOneByOne_IsTheSame()
    {
        var text = Start + Platform + "X-Mine: 1\r\nContent-Length: 0\r\n\r\n";
        _reader.Begin();

        for (var i = 0; i < text.Length; i++)
            Assert.False(_reader.Read(Encoding.Latin1.GetBytes(text[..i])));

        Assert.True(_reader.Read(Encoding.Latin1.GetBytes(text + "rest")));
        Assert.Equal([new Header("X-Mine", "1")], _reader.ToHead(out _)!.Headers);
        Assert.Equal(text.Length, _reader.Used);
    }

    [Theory]
    [InlineData("GET /runner/v1/status HTTP/1.1\r\n", "Here calls are offered, and nothing else: \"GET /runner/v1/status HTTP/1.1\".")]
    [InlineData("POST /runner/v1/calls/ HTTP/1.0\r\n", "Here calls are offered, and nothing else: \"POST /runner/v1/calls/ HTTP/1.0\".")]
    [InlineData("POST /runner/v1/calls/HTTP/1.1\r\n", "Here calls are offered, and nothing else: \"POST /runner/v1/calls/HTTP/1.1\".")]
    [InlineData("\r\n", "Here calls are offered, and nothing else: \"\".")]
    [InlineData(Start + "no colon\r\n", "No header line: \"no colon\".")]
    [InlineData(Start + " folded: 1\r\n", "No header line: \" folded: 1\".")]
    [InlineData(Start + "A: 1\r2\r\n", "No header line: \"A: 1\".")]
    [InlineData(Start + "Content-Length: 1\r\nContent-Length: 1\r\n", "No Content-Length.")]
    [InlineData(Start + "Content-Length: -1\r\n", "No Content-Length.")]
    [InlineData(Start + "Content-Length: 99999999999999999999\r\n", "No Content-Length.")]
    [InlineData(Start + "Content-Length:\r\n", "No Content-Length.")]
    [InlineData(Start + "Content-Length: 65537\r\n", "A body of more than 65536 bytes is not offered as a whole.")]
    [InlineData(Start + "Transfer-Encoding: chunked\r\n", "An offer has its body with it, and its length.")]
    [InlineData(Start + Platform + "\r\n", "An offer has its body with it, and its length.")]
    public void Read_NoWholeOffer_IsSaidAtOnce(string text, string problem)
    {
        Assert.True(Read(text));
        Assert.Equal(problem, _reader.Problem);
    }

    [Fact]
    public void Read_OneAfterAnother_EachIsItsOwn()
    {
        var random = new Random(7);
        string[] names = ["X-A", "x-a", "X-Bb", "Accept", "A"];
        string[] values = ["1", "2", "", "caf\u00e9", new string('v', 300), "22"];
        for (var offer = 0; offer < 2_000; offer++)
        {
            var lines = Enumerable.Range(0, random.Next(100)).Select(_ => new Header(names[random.Next(names.Length)], values[random.Next(values.Length)])).ToList();
            var text = Start + string.Concat(lines.Select(line => $"{line.Name}: {line.Value}\r\n")) + Platform + "Content-Length: 0\r\n\r\n";

            Assert.True(Read(text));

            Assert.Equal(lines, _reader.ToHead(out _)!.Headers);
            Assert.Null(_reader.Mac);
        }
    }

    [Fact]
    public void Read_SameOfferAgain_MakesNoTextAnew()
    {
        var text = Start + Platform + "X-Mine: something\r\nContent-Length: 0\r\n\r\n";
        Read(text);
        var before = _reader.ToHead(out _)!;

        Read(text);

        var after = _reader.ToHead(out _)!;
        Assert.Same(before.Revision, after.Revision);
        Assert.Same(before.Headers[0].Value, after.Headers[0].Value);
    }

    [Theory]
    [InlineData(Start + "Fn-Offer-Whole: 1\r\n", true)]
    [InlineData(Start + "Fn-Offer-Whole: 2\r\n", false)]
    [InlineData(Start + "Host: r\r\nFn-Offer-Whole: 1\r\n", false)]
    [InlineData("POST /runner/v1/warms/" + CallId + " HTTP/1.1\r\nFn-Offer-Whole: 1\r\n", false)]
    public void IsAnnounced_FirstBytes_SayIt(string text, bool announced) =>
        Assert.Equal(announced, OfferReader.IsAnnounced(Encoding.Latin1.GetBytes(text.PadRight(OfferReader.AnnouncedIn)[..OfferReader.AnnouncedIn])));

    private bool Read(string text)
    {
        _reader.Begin();
        return _reader.Read(Encoding.Latin1.GetBytes(text));
    }
}
