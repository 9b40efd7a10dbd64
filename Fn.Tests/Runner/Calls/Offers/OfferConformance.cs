using System.Net;
using Fn.Runner.Calls.Http;
using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

/// <summary>Whole offers and what becomes of them, byte for byte, whichever way they come.</summary>
public abstract class OfferConformance : IAsyncLifetime
{
    private const string CallId = "01CALL00000000000000000000";

    private readonly ScriptedRunner _runner = new();
    private readonly FunctionSpec _function = Samples.Function();
    private LoopbackServer _server = null!;
    private RawConnection _client = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What stands behind the first line of each request.</summary>
    protected abstract string Announcement { get; }

    public async ValueTask InitializeAsync()
    {
        _server = await LoopbackServer.StartAsync(
            services =>
            {
                var known = new RevisionCache(1);
                known.Add(_function);
                ScriptedSeam.AddRunner(services.AddSingleton(known), _runner);
            },
            app => app.MapRunner());
        _client = await ConnectAsync(_server.EndPoint);
        // From then on it is known what the connection is for.
        await _client.SendAsync(Head().Replace(_function.Revision, "unknown", StringComparison.Ordinal) + "Content-Length: 0\r\n\r\n", Cancel);
        Assert.Contains("Fn-Not-Placed: unknown-revision\r\n", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(0, _runner.Offers);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<RawConnection> ConnectAsync(IPEndPoint endpoint) => RawConnection.ConnectAsync(endpoint, Cancel);

    [Theory]
    [InlineData("Fn-Offer-Revision", null)]
    [InlineData("Fn-Offer-Method", null)]
    [InlineData("Fn-Offer-Method", "PO ST")]
    [InlineData("Fn-Offer-Url", null)]
    [InlineData("Fn-Offer-Wait", null)]
    [InlineData("Fn-Offer-Wait", "soon")]
    [InlineData("Fn-Offer-Wait", "-1")]
    [InlineData("Fn-Offer-Wait", "1.5")]
    [InlineData("Fn-Offer-Wait", "86400001")]
    [InlineData("Fn-Offer-Length", "many")]
    [InlineData("Fn-Offer-Line-2", "X: y")]
    [InlineData("Fn-Offer-Line-1", "no colon")]
    public async Task Offer_MalformedPlatformHeader_400WithPlainText(string name, string? value)
    {
        var head = Head(without: name) + (value is null ? "" : $"{name}: {value}\r\n");

        await _client.SendAsync(head + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = await _client.ReadHeadAsync(Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        // Every text ends with a line break, so what was read up to there names the header.
        Assert.Contains(name.TrimEnd('1', '2'), await _client.ReadUntilAsync(".\n", Cancel), StringComparison.Ordinal);
        Assert.Equal(0, _runner.Offers);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("01call00000000000000000000")]
    [InlineData("01CALL0000000000000000000%2F")]
    public async Task Offer_MalformedCallId_400(string callId)
    {
        await _client.SendAsync(Head().Replace(CallId, callId, StringComparison.Ordinal) + "Content-Length: 0\r\n\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_GatewayLeavesInABufferedBody_NothingIsOffered()
    {
        await _client.SendAsync(Head() + "Content-Length: 9\r\n\r\npart", Cancel);
        _client.Close();
        using var other = await ConnectAsync(_server.EndPoint);
        await other.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        await (await _runner.NextCallAsync(Cancel)).AnswerAsync("done");
        await other.ReadUntilAsync("done", Cancel);

        await _server.StopAsync();

        Assert.Equal(1, _runner.Offers);
    }

    [Fact]
    public async Task Offer_GatewayLeavesWhileWaiting_RunnerIsTold()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        _client.Close();

        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Offer_GatewayLeavesInTheAnswer_AnswerIsGivenBackUnread(bool reset)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer();
        await answer.WriteAsync("part"u8.ToArray());
        await _client.ReadUntilAsync("part", Cancel);

        if (reset)
            _client.Reset();
        else
            _client.Close();

        Assert.False(await answer.Disposed.WaitAsync(Cancel));
    }

    [Fact]
    public async Task Offer_FunctionForgesPlatformHeaders_TheyAreDropped()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        await call.AnswerAsync("done", headers:
        [
            new("Fn-Outcome", "failed"), new("fn-error", "Internal"), new("Fn-Error-Detail", "forged"), new("Fn-Not-Placed", "full"), new("Fn-Timeline", "cold=1"),
            new("Fn-Offer-Revision", "x"), new("Connection", "close"), new("Transfer-Encoding", "chunked"), new("X-Mine", "kept"), new("bad name", "x"),
            new("X-Control", "a\u0001b"),
        ]);

        var answer = await _client.ReadHeadAsync(Cancel);

        Assert.Contains("Fn-Outcome: answer\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Fn-Timeline: cold=0;", answer, StringComparison.Ordinal);
        Assert.Contains("X-Mine: kept\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 4\r\n", answer, StringComparison.Ordinal);
        foreach (var dropped in new[] { "fn-error", "Fn-Error", "Fn-Not-Placed", "Fn-Offer", "Connection", "Transfer-Encoding", "bad name", "X-Control", "failed", "cold=1" })
            Assert.DoesNotContain(dropped, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_PlatformHeadersAmongTheClients_AreNotTheFunctions()
    {
        await _client.SendAsync(
            Head() + "Fn-Offer-Nonsense: 1\r\nFn-Outcome: answer\r\nFn-Timeline: x\r\nX-Mine: kept\r\nTE: trailers\r\nTe: gzip\r\nContent-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        Assert.Equal([new Header("TE", "trailers"), new Header("X-Mine", "kept")], call.Offer.Headers.OrderBy(h => h.Name));
        call.Accept();
    }

    [Theory]
    [InlineData(101)]
    [InlineData(1000)]
    public async Task Offer_StatusThatCannotBePassedOn_Fails(int status)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer(status);

        Assert.Contains("Fn-Error: InvalidStatus\r\n", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        Assert.False(await answer.Disposed);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Offer_StatusWithoutBody_BodyIsReadAndDropped(int status)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer(status);
        await answer.WriteAsync("ignored"u8.ToArray());
        answer.End();

        Assert.StartsWith($"HTTP/1.1 {status} ", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        Assert.True(await answer.Disposed);
    }

    [Fact]
    public async Task Offer_AnswerBreaksBeforeItsFirstByte_FailsCleanlyWithTheCause()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        var answer = ScriptedAnswer.Create(200);
        answer.Break(CallError.AnswerTooLarge);

        call.Give(answer);

        var head = await _client.ReadHeadAsync(Cancel);
        Assert.StartsWith("HTTP/1.1 500 ", head, StringComparison.Ordinal);
        Assert.Contains("Fn-Error: AnswerTooLarge\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_EngineThrows_FailsAsBug()
    {
        _runner.Bug = new InvalidOperationException("a bug");
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);

        var head = await _client.ReadHeadAsync(Cancel);

        Assert.Contains("Fn-Outcome: failed\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Fn-Error: Internal\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_WhileDraining_AnswerClosesTheConnection()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        _runner.Draining = true;
        await call.AnswerAsync("done");

        var all = await _client.ReadToEndAsync(Cancel);

        Assert.Contains("Connection: close\r\n", all, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\ndone", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_LargeHead_Passes()
    {
        var value = new string('x', 500_000);
        await _client.SendAsync(Head() + $"X-Large: {value}\r\nX-Larger: {value}\r\nContent-Length: 0\r\n\r\n", Cancel);

        var call = await _runner.NextCallAsync(Cancel);

        Assert.Equal(value, call.Offer.Headers.Single(h => h.Name == "X-Large").Value);
        call.Accept();
    }

    private string Head(string? without = null)
    {
        (string Name, string Value)[] platform =
        [
            ("Fn-Offer-Revision", _function.Revision), ("Fn-Offer-Method", "POST"), ("Fn-Offer-Url", "http://x/invoke/y"), ("Fn-Offer-Wait", "1000"),
        ];
        var lines = platform.Where(line => line.Name != without).Select(line => $"{line.Name}: {line.Value}\r\n");
        return $"POST /runner/v1/calls/{CallId} HTTP/1.1\r\n{Announcement}Host: runner\r\n" + string.Concat(lines);
    }
}

/// <summary>By Kestrel, as a gateway of an earlier version brings them.</summary>
public sealed class KestrelOfferTests : OfferConformance
{
    protected override string Announcement => "";
}

/// <summary>Past Kestrel, from another machine.</summary>
public sealed class TcpOfferTests : OfferConformance
{
    protected override string Announcement => "Fn-Offer-Whole: 1\r\n";
}

/// <summary>Past Kestrel, on the runner's own machine.</summary>
public sealed class LocalOfferTests : OfferConformance
{
    protected override string Announcement => "Fn-Offer-Whole: 1\r\n";

    private protected override Task<RawConnection> ConnectAsync(IPEndPoint endpoint) => RawConnection.ConnectAsync(RunnerSocket.For(endpoint), Cancel);
}
