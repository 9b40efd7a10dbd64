using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Seam;

/// <summary>What every implementation of the seam does alike: heads and outcomes. One derived class for each implementation.</summary>
public abstract partial class SeamConformance
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfferAsync_RunnerFull_IsRefusedAndMayBeOfferedAgain()
    {
        await using var seam = await CreateAsync();
        var offer = Samples.Offer(CallBody.FromBuffer("hello"u8.ToArray()), function: seam.Function);
        await seam.FillAsync();

        var refused = Assert.IsType<RefusedOutcome>(await seam.Runner.OfferAsync(offer, Cancel));
        await seam.MakeRoomAsync();
        var offering = seam.Runner.OfferAsync(offer, Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);

        Assert.Equal(NotPlacedReason.Full, refused.Reason);
        Assert.Equal("hello"u8.ToArray(), await call.ReadBodyAsync(Cancel));
        await call.AnswerAsync("done");
        await using var answer = (await offering).Answer();
        Assert.Equal(1, seam.Executions);
    }

    [Fact]
    public async Task OfferAsync_RefusedStreamedBody_LeavesBodyWithClient()
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        var offer = Samples.Offer(CallBody.FromStream(client, null), function: seam.Function);
        await seam.FillAsync();

        var refused = Assert.IsType<RefusedOutcome>(await seam.Runner.OfferAsync(offer, Cancel));
        await seam.MakeRoomAsync();

        Assert.Equal(NotPlacedReason.Full, refused.Reason);
        Assert.False(client.WasRead);
        var offering = seam.Runner.OfferAsync(offer, Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        client.Send("body");
        client.End();
        Assert.Equal("body"u8.ToArray(), await call.ReadBodyAsync(Cancel));
        await call.AnswerAsync("done");
        await (await offering).Answer().DisposeAsync();
    }

    [Fact]
    public async Task OfferAsync_RunnerDrains_IsRefusedAndKeepsItsBody()
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        seam.Drain();

        var outcome = await seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null), function: seam.Function, wait: TimeSpan.FromMinutes(1)), Cancel);

        Assert.Equal(NotPlacedReason.Draining, Assert.IsType<RefusedOutcome>(outcome).Reason);
        Assert.False(client.WasRead);
        Assert.Equal(0, seam.Executions);
    }

    [Fact]
    public async Task OfferAsync_Taken_HandsHeadOver()
    {
        await using var seam = await CreateAsync();
        Header[] headers = [new("Accept", "*/*"), new("X-One", "1"), new("Content-Type", "text/plain")];
        var offer = Samples.Offer(headers: headers, function: seam.Function, wait: TimeSpan.FromSeconds(7));
        var offering = seam.Runner.OfferAsync(offer, Cancel).AsTask();

        var call = await seam.NextCallAsync(Cancel);

        Assert.Equal(offer.CallId, call.Offer.CallId);
        Assert.Equal(offer.Function.Revision, call.Offer.Function.Revision);
        Assert.Equal(offer.Function.Config, call.Offer.Function.Config);
        Assert.Equal("POST", call.Offer.Method);
        Assert.Equal("http://example.com/invoke/x?y=z", call.Offer.RequestUrl.ToString());
        Assert.Equal(TimeSpan.FromSeconds(7), call.Offer.Wait);
        Assert.Equal(0, call.Offer.Body.Length);
        Assert.False(call.Offer.Detached);
        Assert.Equal(headers.OrderBy(h => h.Name), call.Offer.Headers.OrderBy(h => h.Name));
        await call.AnswerAsync("done");
        await (await offering).Answer().DisposeAsync();
    }

    [Fact]
    public async Task OfferAsync_Now_TravelsWithOffer()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();

        var call = await seam.NextCallAsync(Cancel);

        Assert.Null(call.Offer.Wait);
        await call.AnswerAsync("done");
        await (await offering).Answer().DisposeAsync();
    }

    [Fact]
    public async Task OfferAsync_Detached_TravelsWithOffer()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function, detached: true), Cancel).AsTask();

        var call = await seam.NextCallAsync(Cancel);

        Assert.True(call.Offer.Detached);
        call.Accept();
        Assert.IsType<AcceptedOutcome>(await offering);
    }

    [Fact]
    public async Task OfferAsync_RequestHeaders_KeepLinesAndBytes()
    {
        await using var seam = await CreateAsync();
        Header[] headers = [new("X-Many", "a"), new("X-Latin", "gr\u00fc\u00df\u00ff"), new("X-Many", "b, c"), new("X-Many", "d"), new("User-Agent", "one"), new("User-Agent", "two")];
        var offering = seam.Runner.OfferAsync(Samples.Offer(headers: headers, function: seam.Function), Cancel).AsTask();

        var call = await seam.NextCallAsync(Cancel);

        Assert.Equal(["a", "b, c", "d"], ValuesOf(call.Offer.Headers, "X-Many"));
        Assert.Equal(["one", "two"], ValuesOf(call.Offer.Headers, "User-Agent"));
        Assert.Equal(["gr\u00fc\u00df\u00ff"], ValuesOf(call.Offer.Headers, "X-Latin"));
        await call.AnswerAsync("done");
        await (await offering).Answer().DisposeAsync();
    }

    [Fact]
    public async Task OfferAsync_AnswerHead_KeepsStatusLinesAndBytes()
    {
        await using var seam = await CreateAsync();
        Header[] headers =
        [
            new("Content-Type", "application/x-odd"), new("Set-Cookie", "a=1, x"), new("Set-Cookie", "b=2"), new("X-Latin", "\u00e9\u00ff"),
            new("Date", "Mon, 01 Jan 2001 00:00:00 GMT"), new("Server", "mine"), new("Fn-Http-Status", "201"),
        ];
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        var given = call.Answer(418, headers, 3);
        await given.WriteAsync("abc"u8.ToArray());
        given.End();

        await using var answer = (await offering).Answer();

        Assert.Equal(418, answer.Status);
        Assert.Equal(3, answer.ContentLength);
        Assert.Equal(headers.OrderBy(h => h.Name).ThenBy(h => h.Value), answer.Headers.OrderBy(h => h.Name).ThenBy(h => h.Value));
        Assert.Equal("abc", await answer.ReadTextAsync(Cancel));
    }

    [Fact]
    public async Task OfferAsync_AnswerWithoutHeaders_GainsNone()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        await (await seam.NextCallAsync(Cancel)).AnswerAsync("plain");

        await using var answer = (await offering).Answer();

        Assert.Empty(answer.Headers);
    }

    [Fact]
    public async Task OfferAsync_Failed_CarriesWholeFailure()
    {
        await using var seam = await CreateAsync();
        var failure = new CallFailure(CallError.PullFailed)
        {
            Detail = "no such image:\r\n\u201cx\u201d 100%",
            Status = 404,
            RetryAfter = TimeSpan.FromMilliseconds(1500),
            Limit = "Fn:Containers:PullTimeout=600s",
        };
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        (await seam.NextCallAsync(Cancel)).Fail(failure);

        Assert.Equal(failure, (await offering).Failure());
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task OfferAsync_Failed_KeepsEveryError(CallError error)
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        (await seam.NextCallAsync(Cancel)).Fail(new CallFailure(error));

        Assert.Equal(new CallFailure(error), (await offering).Failure());
    }

    [Fact]
    public async Task OfferAsync_Answered_TimelineComesBack()
    {
        await using var seam = await CreateAsync();
        var offer = Samples.Offer(function: seam.Function);
        offer.Timeline.Mark(CallPhase.Placed);
        var offering = seam.Runner.OfferAsync(offer, Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        call.Offer.Timeline.Cold = true;
        call.Offer.Timeline.ContainerId = "container";
        await call.AnswerAsync("done");

        await using var answer = (await offering).Answer();

        Assert.True(offer.Timeline.Cold);
        Assert.Equal("container", offer.Timeline.ContainerId);
        Assert.NotNull(offer.Timeline.RunnerId);
        Assert.True(offer.Timeline.Has(CallPhase.SlotTaken));
    }

    [Fact]
    public async Task OfferAsync_ManyAtOnce_EachRunsOnce()
    {
        await using var seam = await CreateAsync();
        var offers = Enumerable.Range(0, 50).Select(i => Samples.Offer(CallBody.FromBuffer(new[] { (byte)i }), function: seam.Function, wait: TimeSpan.FromMinutes(1))).ToList();
        var texts = offers.Select(offer => CallAsync(seam.Runner, offer)).ToList();
        var bodies = new List<byte>();
        foreach (var _ in offers)
        {
            var call = await seam.NextCallAsync(Cancel);
            bodies.AddRange(await call.ReadBodyAsync(Cancel));
            await call.AnswerAsync(call.Offer.CallId);
        }

        Assert.Equal(offers.Select(offer => offer.CallId), await Task.WhenAll(texts));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (byte)i), bodies.Order());
        Assert.Equal(50, seam.Executions);
    }

    // A client that has left is no failure that anyone reads; it has tests of its own.
    public static TheoryData<CallError> Errors() => [.. Enum.GetValues<CallError>().Where(error => error != CallError.ClientLeft)];

    private protected abstract Task<ISeam> CreateAsync();

    private static async Task<string> CallAsync(IRunner runner, CallOffer offer)
    {
        await using var answer = (await runner.OfferAsync(offer, Cancel)).Answer();
        return await answer.ReadTextAsync(Cancel);
    }

    private static IEnumerable<string> ValuesOf(IReadOnlyList<Header> headers, string name) => headers.Where(h => h.Name == name).Select(h => h.Value);
}
