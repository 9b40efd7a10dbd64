using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Runner.Seam;

/// <summary>
/// A runner that dies at every step, played on a raw socket. However it ends, the call's head leaves the gateway once, and only what is proved not to have
/// been placed is refused.
/// </summary>
public sealed class DyingRunnerTests : IDisposable
{
    private const string Accepted = "HTTP/1.1 202 Accepted\r\nFn-Outcome: accepted\r\nContent-Length: 0\r\n\r\n";

    private readonly RawListener _listener = new();
    private readonly HttpRunner _runner;

    public DyingRunnerTests() => _runner = new HttpRunner(_listener.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _runner.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task OfferAsync_NobodyListens_Unreachable()
    {
        _listener.Dispose();

        var outcome = await _runner.OfferAsync(Samples.Offer(), Cancel);

        Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(outcome).Reason);
    }

    [Theory]
    [MemberData(nameof(BodiesAndEnds))]
    public async Task OfferAsync_DiesAfterHead_LostAndSentOnce(BodyKind kind, bool reset)
    {
        using var client = new ClientStream();
        var offering = _runner.OfferAsync(Samples.Offer(BodyOf(kind, client)), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);

        Hang(connection, reset);

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
        Assert.False(client.WasRead);
    }

    [Theory]
    [MemberData(nameof(BodiesAndEnds))]
    public async Task OfferAsync_DiesAfterHeadOnUsedConnection_LostAndSentOnce(BodyKind kind, bool reset)
    {
        using var client = new ClientStream();
        using var connection = await AcceptOneAsync(kind);
        var offering = _runner.OfferAsync(Samples.Offer(BodyOf(kind, client)), Cancel).AsTask();
        await connection.ReadHeadAsync(Cancel);

        Hang(connection, reset);

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
        Assert.False(client.WasRead);
    }

    [Theory]
    [MemberData(nameof(BodiesAndEnds))]
    public async Task OfferAsync_DiesOnUsedConnectionWhileAnotherIsIdle_NeverMovesThere(BodyKind kind, bool reset)
    {
        using var client = new ClientStream();
        using var before = new ClientStream();
        // Two connections that have served a call each, so that there is one to send the call again on, without dialling.
        var (first, second) = (
            _runner.OfferAsync(Samples.Offer(BodyOf(kind, before)), Cancel).AsTask(), _runner.OfferAsync(Samples.Offer(BodyOf(kind, before)), Cancel).AsTask());
        using var one = await _listener.AcceptAsync(Cancel);
        using var other = await _listener.AcceptAsync(Cancel);
        // Both before either is answered: a connection whose call is over takes the one that still waits for its own.
        await Task.WhenAll(one.ReadHeadAsync(Cancel), other.ReadHeadAsync(Cancel));
        await Task.WhenAll(AcceptAsync(one, kind), AcceptAsync(other, kind));
        await Task.WhenAll(first, second);
        var offering = _runner.OfferAsync(Samples.Offer(BodyOf(kind, client)), Cancel).AsTask();
        var heads = new[] { one.ReadHeadAsync(Cancel), other.ReadHeadAsync(Cancel) };
        var seen = await Task.WhenAny(heads);

        Hang(seen == heads[0] ? one : other, reset);

        var unused = seen == heads[0] ? heads[1] : heads[0];
        await Task.WhenAny(offering, unused);
        Assert.False(unused.IsCompletedSuccessfully, "The call was sent again.");
        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
        _runner.Dispose();
        await Assert.ThrowsAsync<EndOfStreamException>(() => unused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfferAsync_IdleConnectionHasEnded_CallGoesOutOnANewOne(bool reset)
    {
        using (var old = await AcceptOneAsync(BodyKind.Buffered))
            Hang(old, reset);

        var offering = _runner.OfferAsync(Samples.Offer(CallBody.FromBuffer("hi"u8.ToArray())), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadUntilAsync("\r\n\r\nhi", Cancel);
        await connection.SendAsync(Accepted, Cancel);

        Assert.IsType<AcceptedOutcome>(await offering);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfferAsync_DiesInTheBody_LostWithoutWaitingForTheClient(bool reset)
    {
        using var client = new ClientStream();
        var offering = _runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null)), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n", Cancel);
        client.Send("part");
        await connection.ReadUntilAsync("part", Cancel);

        // The client neither sends nor ends.
        Hang(connection, reset);

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 2")]
    [InlineData("HTTP/1.1 200 OK\r\nFn-Outcome: answer\r\nContent-Le")]
    public async Task OfferAsync_DiesInTheAnswersHead_Lost(string head)
    {
        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync(head, Cancel);

        connection.Close();

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
    }

    [Theory]
    [InlineData("Content-Length: 9\r\n\r\npart", false)]
    [InlineData("Content-Length: 9\r\n\r\npart", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n9\r\npart", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", true)]
    public async Task OfferAsync_DiesInTheAnswer_BodyBreaks(string rest, bool reset)
    {
        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync("HTTP/1.1 200 OK\r\nFn-Outcome: answer\r\n" + rest, Cancel);
        await using var answer = (await offering).Answer();
        var buffer = new byte[4];
        await answer.Body.ReadExactlyAsync(buffer, Cancel);

        Hang(connection, reset);

        var broken = await Assert.ThrowsAsync<CallBrokenException>(() => answer.ReadTextAsync(Cancel));
        Assert.Equal(CallError.RunnerLost, broken.Failure.Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nFn-Outcome: answer\r\n\r\nlooks whole")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")]
    public async Task OfferAsync_AnswersWithoutSayingWhatBecameOfTheCall_Lost(string response)
    {
        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync(response, Cancel);
        connection.Close();

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_RefusesAfterItAskedForTheBody_CountsAsSeen()
    {
        using var client = new ClientStream();
        var offering = _runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null)), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n", Cancel);
        client.Send("part");
        await connection.ReadUntilAsync("part", Cancel);
        await connection.SendAsync("HTTP/1.1 503 Service Unavailable\r\nFn-Not-Placed: full\r\nContent-Length: 0\r\n\r\n", Cancel);

        Assert.Equal(CallError.RunnerLost, (await OutcomeAsync(offering)).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_AnswersAndHangsUpInTheBody_AnswerCounts()
    {
        using var client = new ClientStream();
        var offering = _runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null)), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        // Both in one packet, in one read of the client.
        await connection.SendAsync(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Internal Server Error\r\nFn-Outcome: failed\r\nFn-Error: InputClosed\r\nContent-Length: 0\r\n\r\n", Cancel);
        connection.Close();

        Assert.Equal(CallError.InputClosed, (await offering).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_ClientLeavesInTheAnswer_ConnectionCloses()
    {
        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync("HTTP/1.1 200 OK\r\nFn-Outcome: answer\r\nContent-Length: 9\r\n\r\npart", Cancel);
        var answer = (await offering).Answer();

        await answer.DisposeAsync();

        Assert.Empty(await connection.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task OfferAsync_UnknownRevision_TeachesAndOffersAgainOnce()
    {
        const string unknown = "HTTP/1.1 503 Service Unavailable\r\nFn-Not-Placed: unknown-revision\r\nContent-Length: 0\r\n\r\n";
        var offer = Samples.Offer(CallBody.FromBuffer("hi"u8.ToArray()));
        var offering = _runner.OfferAsync(offer, Cancel).AsTask();
        using var calls = await _listener.AcceptAsync(Cancel);
        await calls.ReadUntilAsync("\r\n\r\nhi", Cancel);
        await calls.SendAsync(unknown, Cancel);
        using var specs = await _listener.AcceptAsync(Cancel);
        Assert.StartsWith($"PUT /runner/v1/revisions/{offer.Function.Revision} HTTP/1.1\r\n", await specs.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        await specs.ReadUntilAsync("}}", Cancel);
        await specs.SendAsync("HTTP/1.1 204 No Content\r\n\r\n", Cancel);
        await calls.ReadUntilAsync("\r\n\r\nhi", Cancel);
        await calls.SendAsync(unknown, Cancel);

        Assert.Equal(NotPlacedReason.Full, Assert.IsType<RefusedOutcome>(await offering).Reason);
        Assert.False(_listener.HasPending);
    }

    [Fact]
    public async Task OfferAsync_DoesNotTakeSpec_Unreachable()
    {
        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var calls = await _listener.AcceptAsync(Cancel);
        await calls.ReadHeadAsync(Cancel);
        await calls.SendAsync("HTTP/1.1 503 Service Unavailable\r\nFn-Not-Placed: unknown-revision\r\nContent-Length: 0\r\n\r\n", Cancel);
        using var specs = await _listener.AcceptAsync(Cancel);
        await specs.ReadHeadAsync(Cancel);
        await specs.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Cancel);

        Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(await offering).Reason);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nFn-Outcome: answer\r\nContent-Length: 9\r\n\r\npart")]
    [InlineData("?")]
    public async Task OfferAsync_SaysSomethingBetweenCalls_ConnectionIsNotUsedAgain(string said)
    {
        using var old = await AcceptOneAsync(BodyKind.None);
        await old.SendAsync(said, Cancel);
        // It is ended, and so nobody reads an answer that belongs to no call.
        Assert.Empty(await old.ReadToEndAsync(Cancel));

        var offering = _runner.OfferAsync(Samples.Offer(), Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await connection.SendAsync(Accepted, Cancel);

        Assert.IsType<AcceptedOutcome>(await offering);
    }

    [Fact]
    public async Task OfferAsync_NoAnswerForTooLong_LostAndConnectionEnds()
    {
        var offer = Samples.Offer();
        // Long enough for the offer to be sent: until then it is not lost, but was never placed.
        offer.GiveUpAfter = TimeSpan.FromMilliseconds(500);
        var offering = _runner.OfferAsync(offer, Cancel).AsTask();
        using var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);

        await connection.ReadToEndAsync(Cancel);

        Assert.Equal(CallError.RunnerLost, (await offering).Failure().Error);
    }

    public static MatrixTheoryData<BodyKind, bool> BodiesAndEnds() => new(Enum.GetValues<BodyKind>(), [false, true]);

    /// <summary>The outcome, unless the gateway turns to another connection.</summary>
    private async Task<OfferOutcome> OutcomeAsync(Task<OfferOutcome> offering)
    {
        var again = _listener.AcceptAsync(Cancel);
        var outcome = await Task.WhenAny(offering, again) == offering ? await offering : null;
        Assert.False(again.IsCompletedSuccessfully || _listener.HasPending, "The call was sent again.");
        return outcome!;
    }

    private static CallBody BodyOf(BodyKind kind, ClientStream client) => kind switch
    {
        BodyKind.None => CallBody.Empty,
        BodyKind.Buffered => CallBody.FromBuffer("hi"u8.ToArray()),
        _ => CallBody.FromStream(client, null),
    };

    private static void Hang(RawConnection connection, bool reset)
    {
        if (reset)
            connection.Reset();
        else
            connection.Close();
    }

    /// <summary>Lets one call through, so that its connection is an idle one afterwards.</summary>
    private async Task<RawConnection> AcceptOneAsync(BodyKind kind)
    {
        using var client = new ClientStream();
        var offering = _runner.OfferAsync(Samples.Offer(BodyOf(kind, client)), Cancel).AsTask();
        var connection = await _listener.AcceptAsync(Cancel);
        await connection.ReadHeadAsync(Cancel);
        await AcceptAsync(connection, kind);
        Assert.IsType<AcceptedOutcome>(await offering);
        return connection;
    }

    /// <summary>Takes the call whose head was read.</summary>
    private static async Task AcceptAsync(RawConnection connection, BodyKind kind)
    {
        await connection.SendAsync(Accepted, Cancel);
        // A body that nobody asked for ends without having begun.
        if (kind == BodyKind.Streamed)
            await connection.ReadUntilAsync("0\r\n\r\n", Cancel);
    }
}
