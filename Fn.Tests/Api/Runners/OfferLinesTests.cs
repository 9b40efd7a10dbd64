using System.Diagnostics;
using System.Globalization;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Api.Runners;

public sealed class OfferLinesTests
{
    [Theory]
    [InlineData("Connection", "close")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Host", "example.com")]
    [InlineData("Content-Length", "3")]
    [InlineData("Expect", "100-continue")]
    [InlineData("Fn-Offer-Revision", "forged")]
    [InlineData("fn-outcome", "answer")]
    [InlineData("no name", "x")]
    [InlineData("X-Lines", "two\r\nX-Other: line")]
    public void Of_LineThatMayNotPass_StaysBehind(string name, string value)
    {
        var offer = Samples.Offer(headers: [new Header("X-Before", "1"), new Header(name, value), new Header("X-After", "2")]);

        var lines = OfferLines.Of(offer);

        Assert.Equal([new Header("X-Before", "1"), new Header("X-After", "2"), new Header(RunnerWire.OfferRevision, offer.Function.Revision)], lines.Take(3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Of_RepeatedNames_AreNumberedInTheirOrder(int others)
    {
        List<Header> headers = [new("X-Many", "a"), .. Enumerable.Range(0, others).Select(i => new Header($"X-Other-{i}", "o")), new("x-many", "b"), new("X-MANY", "c")];

        var lines = OfferLines.Of(Samples.Offer(headers: headers));

        Assert.Equal(
            [new Header("Fn-Offer-Line-1", "x-many:b"), new Header("Fn-Offer-Line-2", "X-MANY:c")],
            lines.Where(line => line.Name.StartsWith(RunnerWire.OfferLine, StringComparison.Ordinal)));
        Assert.Equal(others + 1, lines.Count(line => line.Name.StartsWith("X-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_EveryCall_SaysWhatItIs()
    {
        var offer = Samples.Offer(wait: TimeSpan.FromSeconds(1.5), detached: true);
        offer.Parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1");

        var lines = OfferLines.Of(offer);

        Assert.Equal(
            [
                new Header(RunnerWire.OfferRevision, offer.Function.Revision),
                new Header(RunnerWire.OfferMethod, "POST"),
                new Header(RunnerWire.OfferUrl, "http://example.com/invoke/x?y=z"),
                new Header(RunnerWire.OfferWait, "1500"),
                new Header(RunnerWire.OfferDetached, "1"),
                new Header(RunnerWire.OfferTraceParent, string.Create(CultureInfo.InvariantCulture, $"00-{offer.Parent.TraceId}-{offer.Parent.SpanId}-01")),
                new Header(RunnerWire.OfferTraceState, "vendor=1"),
            ],
            lines);
    }

    [Fact]
    public void Of_CallThatIsNotToWait_SaysNow() =>
        Assert.Contains(new Header(RunnerWire.OfferWait, RunnerWire.Now), OfferLines.Of(Samples.Offer()));
}
