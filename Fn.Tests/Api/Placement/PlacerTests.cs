using Fn.Api.Placement;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Placement;

public sealed class PlacerTests
{
    private static readonly TimeSpan QueueTimeout = TimeSpan.FromSeconds(120);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlaceAsync_OneRunner_IsAskedToQueueAtOnce()
    {
        var (placer, runners) = Create(1);

        await AcceptAsync(placer, runners[0]);

        Assert.Equal([QueueTimeout], runners[0].Waits);
    }

    [Fact]
    public async Task PlaceAsync_OneRunnerRefuses_NoRunner()
    {
        var (placer, runners) = Create(1);
        runners[0].RefuseAll = NotPlacedReason.Draining;

        Assert.Equal(new CallFailure(CallError.NoRunner), (await placer.PlaceAsync(Samples.Offer(), Cancel)).Outcome.Failure());
    }

    [Fact]
    public async Task PlaceAsync_Several_FavouriteIsAskedNow()
    {
        var (placer, runners) = Create(3);

        await AcceptAsync(placer, runners[0]);

        Assert.Equal([null], runners[0].Waits);
        Assert.Equal(0, runners[1].Offers + runners[2].Offers);
    }

    [Theory]
    [InlineData(NotPlacedReason.Full)]
    [InlineData(NotPlacedReason.Draining)]
    [InlineData(NotPlacedReason.Unreachable)]
    public async Task PlaceAsync_FavouriteRefuses_NextOneHasIt(NotPlacedReason reason)
    {
        var (placer, runners) = Create(3);
        runners[0].RefuseNext(reason);

        await AcceptAsync(placer, runners[1]);

        Assert.Equal([null], runners[1].Waits);
        Assert.Equal(0, runners[2].Offers);
    }

    [Fact]
    public async Task PlaceAsync_AllFull_QueuesAtTheFavourite()
    {
        var (placer, runners) = Create(3);
        foreach (var runner in runners)
            runner.RefuseNext(NotPlacedReason.Full);

        await AcceptAsync(placer, runners[0]);

        Assert.Equal([null, QueueTimeout], runners[0].Waits);
        Assert.Equal([null], runners[1].Waits);
        Assert.Equal([null], runners[2].Waits);
    }

    [Fact]
    public async Task PlaceAsync_BestBeginsToDrainWhileQueueing_NextOneQueuesForWhatIsLeft()
    {
        var (placer, runners) = Create(2);
        runners[0].RefuseNext(NotPlacedReason.Full);
        runners[1].RefuseNext(NotPlacedReason.Full);
        runners[0].Waiting = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            return new RefusedOutcome(NotPlacedReason.Draining);
        };

        await AcceptAsync(placer, runners[1]);

        Assert.Equal([null, QueueTimeout - TimeSpan.FromSeconds(20)], runners[1].Waits);
    }

    [Fact]
    public async Task PlaceAsync_TimeToWaitIsUsedUp_SaysWhichLimit()
    {
        var (placer, runners) = Create(2);
        runners[0].RefuseNext(NotPlacedReason.Full);
        runners[1].RefuseNext(NotPlacedReason.Full);
        runners[0].Waiting = () =>
        {
            _time.Advance(QueueTimeout);
            return new RefusedOutcome(NotPlacedReason.Draining);
        };

        var failure = (await placer.PlaceAsync(Samples.Offer(), Cancel)).Outcome.Failure();

        Assert.Equal(new CallFailure(CallError.QueueTimedOut) { Limit = "Fn:Calls:QueueTimeout=120s" }, failure);
    }

    [Theory]
    [InlineData(NotPlacedReason.Draining, 5)]
    [InlineData(NotPlacedReason.Unreachable, 1)]
    public async Task PlaceAsync_RunnerThatWentAway_IsLeftAloneForAWhile(NotPlacedReason reason, int seconds)
    {
        var (placer, runners) = Create(2);
        runners[0].RefuseNext(reason);
        await AcceptAsync(placer, runners[1]);

        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        await AcceptAsync(placer, runners[1]);
        Assert.Equal(1, runners[0].Offers);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await AcceptAsync(placer, runners[0]);
    }

    [Fact]
    public async Task PlaceAsync_OnlyRunnersThatWentAwayAreLeft_TheyAreTried()
    {
        var (placer, runners) = Create(2);
        runners[0].RefuseAll = NotPlacedReason.Draining;
        runners[1].RefuseAll = NotPlacedReason.Unreachable;
        Assert.Equal(CallError.NoRunner, (await placer.PlaceAsync(Samples.Offer(), Cancel)).Outcome.Failure().Error);
        runners[1].RefuseAll = null;

        await AcceptAsync(placer, runners[1]);

        Assert.Equal(2, runners[0].Offers);
    }

    [Fact]
    public async Task PlaceAsync_ClientHasLeft_NobodyIsAsked()
    {
        var (placer, runners) = Create(2);

        var failure = (await placer.PlaceAsync(Samples.Offer(), new CancellationToken(canceled: true))).Outcome.Failure();

        Assert.Equal(CallError.ClientLeft, failure.Error);
        Assert.Equal(0, runners.Sum(runner => runner.Offers));
    }

    [Fact]
    public async Task PlaceAsync_Taken_MarksWhenAndWhere()
    {
        var (placer, runners) = Create(2);
        var offer = Samples.Offer();

        await AcceptAsync(placer, runners[0], offer);

        Assert.True(offer.Timeline.Has(CallPhase.Placed));
        Assert.Equal(runners[0].Name, offer.Timeline.RunnerId);
    }

    [Fact]
    public async Task PlaceAsync_RunnerHasABug_CallCountsNoLonger()
    {
        var (view, scripted) = Reporting();
        scripted[0].Bug = scripted[1].Bug = new InvalidOperationException("bug");
        var placer = new Placer(view, Options.Create(new CallOptions()), _time);

        await Assert.ThrowsAsync<InvalidOperationException>(() => placer.PlaceAsync(Samples.Offer(), Cancel).AsTask());

        Assert.Empty(view.PoolsOf(Samples.Function().Revision));
    }

    [Theory]
    [InlineData(FunctionFormat.Http, 1)]
    [InlineData(FunctionFormat.Default, 0)]
    public async Task PlaceAsync_ColdCallIsOver_ContainerIsTakenToBeThereUnlessItServesOneCall(string format, int idle)
    {
        var (view, scripted) = Reporting();
        var placer = new Placer(view, Options.Create(new CallOptions()), _time);
        var function = Samples.Function(format: format);

        var placing = placer.PlaceAsync(Samples.Offer(function: function), Cancel).AsTask();
        var taken = await Task.WhenAny(scripted.Select(runner => runner.NextCallAsync(Cancel).AsTask()));
        await (await taken).AnswerAsync("done");
        (await placing).Release();

        Assert.Equal(idle, view.PoolsOf(function.Revision).Sum(pool => pool.Look().Idle));
    }

    /// <summary>A view of two runners that report, with room for some containers each.</summary>
    private (ClusterView View, ScriptedRunner[] Runners) Reporting()
    {
        ScriptedRunner[] scripted = [new("runner-1"), new("runner-2")];
        var view = Views.Of(_time, [.. scripted.Select((runner, i) => new RunnerView(Views.Runner(i + 1).Address, runner, _time))]);
        for (var i = 1; i <= scripted.Length; i++)
            view.Apply(new RegistryReport { Runner = Views.Runner(i), Full = true }, TimeSpan.Zero);
        return (view, scripted);
    }

    private static async Task AcceptAsync(Placer placer, ScriptedRunner expected, CallOffer? offer = null)
    {
        var placing = placer.PlaceAsync(offer ?? Samples.Offer(), Cancel).AsTask();
        (await expected.NextCallAsync(Cancel)).Accept();
        Assert.IsType<AcceptedOutcome>((await placing).Outcome);
    }

    /// <summary>A placer over some runners, in the order in which the sample function prefers them.</summary>
    private (Placer Placer, ScriptedRunner[] Runners) Create(int count)
    {
        var runners = Enumerable.Range(0, count).Select(i => new RunnerView($"http://10.0.0.{i}:8081", new ScriptedRunner($"runner-{i}"), _time)).ToArray();
        var placer = new Placer(Views.Of(_time, runners), Options.Create(new CallOptions { QueueTimeout = QueueTimeout }), _time);
        var function = Rendezvous.Hash(Samples.Function().FunctionId);
        return (placer, [.. runners.OrderByDescending(runner => Rendezvous.Weight(function, runner.Hash)).Select(runner => (ScriptedRunner)runner.Runner)]);
    }
}
