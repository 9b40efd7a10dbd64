using System.Net.Sockets;
using Fn.Runner.Calls.Offers;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

/// <summary>Connections for whole offers: what is none, how offers come, and how connections end.</summary>
public sealed class OfferConnectionsTests : IAsyncLifetime
{
    private const string CallId = "01CALL00000000000000000000";

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"fn-offers-{Guid.NewGuid():N}");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly EventLoops _loops = new(1);
    private readonly WatchedTimeProvider _time = new();
    private readonly ScriptedRunner _runner = new();
    private readonly FunctionSpec _function = Samples.Function();
    private readonly OfferConnections _connections;
    private RawConnection _client = null!;
    private Task _serving = null!;

    public OfferConnectionsTests()
    {
        var known = new RevisionCache(1);
        known.Add(_function);
        var guard = new ClusterGuard(ClusterKey.None, _runner, TimeProvider.System, NullLogger<ClusterGuard>.Instance);
        _connections = new OfferConnections(new CallIntake(_runner, _runner, known, _time, NullLogger<CallIntake>.Instance), guard);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Head =>
        $"POST /runner/v1/calls/{CallId} HTTP/1.1\r\nFn-Offer-Revision: {_function.Revision}\r\nFn-Offer-Method: GET\r\nFn-Offer-Url: http://x/\r\nFn-Offer-Wait: now\r\n";

    public async ValueTask InitializeAsync()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        (_client, _serving) = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _connections.EndAll();
        await _serving;
        _listener.Dispose();
        _loops.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData("PUT /runner/v1/revisions/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "nothing else")]
    [InlineData("nonsense\r\n\r\n", "nothing else")]
    [InlineData($"POST /runner/v1/calls/{CallId} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "has its body with it")]
    [InlineData($"POST /runner/v1/calls/{CallId} HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", "more than 65536 bytes")]
    public async Task Serve_NoWholeOffer_400AndTheEnd(string request, string problem)
    {
        await _client.SendAsync(request, Cancel);

        var answer = await _client.ReadToEndAsync(Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains(problem, answer, StringComparison.Ordinal);
        Assert.Equal(0, _runner.Offers);
    }

    [Fact]
    public async Task Serve_TwoOffersAtOnce_NeitherIsTaken()
    {
        var offer = Head + "Content-Length: 2\r\n\r\nhi";

        await _client.SendAsync(offer + offer, Cancel);

        Assert.Equal("", await _client.ReadToEndAsync(Cancel));
        Assert.Equal(0, _runner.Offers);
    }

    [Fact]
    public async Task Serve_HeadWithoutEnd_IsNotReadForEver()
    {
        var line = "X-Large: " + new string('x', 64 * 1024) + "\r\n";

        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            await _client.SendAsync(Head, Cancel);
            while (true)
                await _client.SendAsync(line, Cancel);
        });

        await _serving;
    }

    [Theory]
    [InlineData("POST ")]
    [InlineData("Content-Length: 2\r\n\r\nh")]
    public async Task Serve_RestDoesNotCome_EndsAfterHalfAMinute(string end)
    {
        await _client.SendAsync(end.StartsWith("POST", StringComparison.Ordinal) ? end : Head + end, Cancel);
        await _time.TimerCreated;

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_serving.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("", await _client.ReadToEndAsync(Cancel));
        Assert.Equal(0, _runner.Offers);
    }

    [Fact]
    public async Task Serve_OfferByteByByte_IsTaken()
    {
        foreach (var letter in Head + "Content-Length: 2\r\n\r\nhi")
            await _client.SendAsync(letter.ToString(), Cancel);

        var call = await _runner.NextCallAsync(Cancel);
        Assert.Equal("hi"u8.ToArray(), call.Offer.Body.Buffered.ToArray());
        await call.AnswerAsync("done");
        Assert.EndsWith("done", await _client.ReadUntilAsync("done", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_LargestBody_IsTakenWhole()
    {
        var body = new byte[CallBody.MaxBuffered];
        new Random(1).NextBytes(body);

        await _client.SendAsync(Head + $"Content-Length: {body.Length}\r\n\r\n", Cancel);
        await _client.SendAsync(body, Cancel);

        var call = await _runner.NextCallAsync(Cancel);
        Assert.Equal(body, call.Offer.Body.Buffered.ToArray());
        call.Accept();
    }

    [Fact]
    public async Task Serve_OneOfferAfterAnother_EachHasItsAnswer()
    {
        for (var i = 0; i < 100; i++)
        {
            await _client.SendAsync(Head + $"X-Number: {i}\r\nContent-Length: 0\r\n\r\n", Cancel);
            var call = await _runner.NextCallAsync(Cancel);
            Assert.Equal([new Header("X-Number", $"{i}")], call.Offer.Headers);
            await call.AnswerAsync($"<{i}>");
            Assert.EndsWith($"\r\n\r\n<{i}>", await _client.ReadUntilAsync(">", Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Serve_GatewayOffersWhileTheAnswerIsBeingGiven_IsTakenAfterIt()
    {
        await _client.SendAsync(Head + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer();
        await answer.WriteAsync("first"u8.ToArray());
        await _client.ReadUntilAsync("first", Cancel);

        await _client.SendAsync(Head + "Content-Length: 0\r\n\r\n", Cancel);
        answer.End();
        await (await _runner.NextCallAsync(Cancel)).AnswerAsync("second");

        await _client.ReadUntilAsync("second", Cancel);
    }

    [Fact]
    public async Task EndIdle_NoCall_EndsAtOnce()
    {
        await _connections.EndIdleAsync(Cancel);

        Assert.Equal("", await _client.ReadToEndAsync(Cancel));
        await _serving;
    }

    [Fact]
    public async Task EndIdle_CallRuns_EndsWithItsAnswer()
    {
        await _client.SendAsync(Head + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        var ending = _connections.EndIdleAsync(Cancel);
        Assert.False(ending.IsCompleted);
        await call.AnswerAsync("done");

        await ending;
        Assert.EndsWith("\r\n\r\ndone", await _client.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EndIdle_CallRunsForTooLong_IsBrokenOffByEndAll()
    {
        await _client.SendAsync(Head + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        await _connections.EndIdleAsync(new CancellationToken(canceled: true));
        Assert.False(call.ClientLeft.IsCompleted);
        _connections.EndAll();

        await call.ClientLeft.WaitAsync(Cancel);
        Assert.Equal("", await _client.ReadToEndAsync(Cancel));
        call.Fail(new CallFailure(CallError.ClientLeft));
    }

    [Fact]
    public async Task Serve_HasEndedAlready_EndsToo()
    {
        await _connections.EndIdleAsync(Cancel);

        var (client, serving) = await ConnectAsync();

        using (client)
            Assert.Equal("", await client.ReadToEndAsync(Cancel));
        await serving;
    }

    private async Task<(RawConnection Client, Task Serving)> ConnectAsync()
    {
        var client = await RawConnection.ConnectAsync(new UnixDomainSocketEndPoint(_path), Cancel);
        var stream = new PolledSocket(await _listener.AcceptAsync(Cancel), _loops, leaves: false);
        return (client, _connections.ServeAsync(stream));
    }
}
