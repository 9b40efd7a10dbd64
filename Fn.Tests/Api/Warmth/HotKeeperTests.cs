using Fn.Api.Functions;
using Fn.Api.Placement;
using Fn.Api.Warmth;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Api.Placement;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Warmth;

/// <summary>What a gateway has runners keep, step by step.</summary>
public sealed class HotKeeperTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeFunctionStore _store = new();
    private readonly ScriptedRunner[] _runners = [new("one"), new("two")];
    private readonly ClusterView _view;
    private readonly HotFunctions _functions;
    private readonly WarmRevisions _revisions;
    private readonly WishSender _sender;
    private readonly HotKeeper _keeper;

    public HotKeeperTests()
    {
        _view = Views.Of(_time, [.. _runners.Select((runner, i) => new RunnerView(Views.Runner(i + 1).Address, runner, _time))]);
        var resolver = new FunctionResolver(_store, _store.Changes);
        _functions = new HotFunctions(resolver, _store, _store.Changes);
        _revisions = new WarmRevisions(resolver);
        _sender = new WishSender(_functions, _time);
        _keeper = new HotKeeper(_functions, _revisions, _view, _sender, _time, NullLogger<HotKeeper>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _keeper.Dispose();
        _sender.Dispose();
        _view.Dispose();
    }

    [Fact]
    public async Task Step_FunctionAsksForThree_TheyAreSpreadAndRenewed()
    {
        _store.Put("f", minHot: 3);
        await StepAsync();
        Assert.Equal([1, 2], Counts().Order());
        Assert.All(_runners.SelectMany(runner => runner.Wishes), wish => Assert.Equal(HotKeeper.Lease, wish.Wish.Lease));

        await StepAsync(after: HotKeeper.Renewal - Second);
        Assert.All(_runners, runner => Assert.Single(runner.Wishes));
        await StepAsync(after: Second);
        Assert.All(_runners, runner => Assert.Equal(2, runner.Wishes.Count));
    }

    [Fact]
    public async Task Step_FunctionsThatAskForNone_CostOneLookAtAll()
    {
        await StepAsync();
        for (var i = 0; i < 250; i++)
            _store.Put($"f{i}");
        await StepAsync();

        // All of the store once; then only those that were told of, a page at a time.
        Assert.Equal([null, 100, 100, 50], _store.Scopes.Select(scope => scope.FunctionIds?.Count));
        Assert.All(_runners, runner => Assert.Empty(runner.Wishes));
    }

    [Fact]
    public async Task Step_MoreFunctionsThanAPage_AllAreKept()
    {
        for (var i = 0; i < 201; i++)
            _store.Put($"f{i:000}", minHot: 1);
        await StepAsync();
        Assert.Equal(201, _runners.Sum(runner => runner.Wishes.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Step_FunctionAsksForNoneAnyMore_ItsContainersAreLetGo(bool deleted)
    {
        _store.Put("f", minHot: 2);
        await StepAsync();
        if (deleted)
            await _store.DeleteFunctionAsync("f", Cancel);
        else
            _store.Put("f", minHot: 0);
        await StepAsync();
        Assert.All(_runners, runner => Assert.Equal(HotKeeper.Linger, runner.Wishes.Last().Wish.Lease));

        await StepAsync(after: 60 * Second);
        Assert.All(_runners, runner => Assert.Equal(2, runner.Wishes.Count));
    }

    [Fact]
    public async Task Step_StoreIsAway_WhatItToldOfIsReadTheNextTime()
    {
        await StepAsync();
        _store.Put("f", minHot: 2);
        _store.Away = new InvalidOperationException("away");
        await Assert.ThrowsAsync<InvalidOperationException>(() => StepAsync());
        _store.Away = null;
        await StepAsync();
        Assert.Equal([1, 1], Counts());
    }

    [Fact]
    public async Task Step_RunnerIsNotReached_TheOtherKeepsAllForAWhile()
    {
        _runners[0].OnWarm = (_, _) => throw new HttpRequestException("refused");
        _store.Put("f", minHot: 2);
        await StepAsync();
        await StepAsync(after: Second);
        Assert.Equal(2, Counts()[1]);
        Assert.Single(_runners[0].Wishes);

        _runners[0].OnWarm = null;
        await StepAsync(after: HotKeeper.Pause);
        Assert.Equal([1, 1], Counts());
    }

    [Fact]
    public async Task Step_RunnerDrains_TheOtherKeepsAll()
    {
        Report(0);
        Report(1);
        _store.Put("f", minHot: 2);
        await StepAsync();
        _view.Apply(Views.Change(Views.Runner(1, sequence: 2) with { Draining = true }), TimeSpan.Zero);
        await StepAsync();
        Assert.Equal(2, Counts()[1]);
    }

    [Fact]
    public async Task Step_RunnerBeganAnew_IsAskedAtOnce()
    {
        Report(0);
        Report(1);
        _store.Put("f", minHot: 2);
        await StepAsync();
        Report(0, epoch: "2");
        await StepAsync();
        Assert.Equal([2, 1], _runners.Select(runner => runner.Wishes.Count));
    }

    [Fact]
    public async Task Step_RunnersAreSmall_NoneKeepsMoreThanItHasMemoryFor()
    {
        Report(0, memoryMiB: 64);
        Report(1, memoryMiB: 200);
        _store.Put("f", minHot: 9);
        await StepAsync();
        Assert.Equal([1, 3], Counts());
    }

    [Fact]
    public async Task Update_NewRevisionBecomesReady_CallsGoThereThenAndNoSooner()
    {
        _store.Put("f", image: "one", minHot: 2);
        await StepAsync();
        var started = new TaskCompletionSource<WarmState>();
        foreach (var runner in _runners)
            runner.OnWarm = (function, wish) => function.Image == "two" && wish.Wait > TimeSpan.Zero ? started.Task : Task.FromResult(new WarmState { Ready = wish.Count });

        _store.Put("f", image: "two", minHot: 2);
        // The keeper has not heard of it yet.
        Assert.Equal("one", await ImageAsync());
        await StepAsync();
        await StepAsync(after: 5 * Second);
        Assert.Equal("one", await ImageAsync());
        Assert.All(_runners, runner => Assert.Equal(("two", 1), (runner.Wishes.Last().Function.Image, runner.Wishes.Last().Wish.Count)));

        started.SetResult(new WarmState { Ready = 1 });
        await StepUntilAsync(async () => await ImageAsync() == "two");
        Assert.All(_runners, runner => Assert.Contains(runner.Wishes, wish => wish.Function.Image == "one" && wish.Wish == new WarmWish(1, HotKeeper.Linger)));
    }

    [Fact]
    public async Task Ask_RunnerAnswers_IsOverWhenThatIsToldOf()
    {
        _store.Put("f", image: "one", minHot: 1);
        await StepAsync();
        var function = _runners.SelectMany(runner => runner.Wishes).First().Function;
        for (var i = 0; i < 2000; i++)
        {
            var answered = new TaskCompletionSource<WarmState>(TaskCreationOptions.RunContinuationsAsynchronously);
            _runners[0].OnWarm = (_, _) => answered.Task;
            var wish = new Wish(_view.Runners[0]) { Function = function };
            // Whatever was told of before.
            while (_functions.Changed.WaitAsync().IsCompleted)
            {
            }
            var told = _functions.Changed.WaitAsync();
            var asking = _sender.AskAsync(wish, new WarmWish(1, HotKeeper.Linger) { Wait = TimeSpan.FromMinutes(1) }, Cancel);
            answered.SetResult(new WarmState { Ready = 1 });
            // At the very moment.
            while (!told.IsCompleted)
                Cancel.ThrowIfCancellationRequested();

            Assert.True(asking.IsCompleted);
        }
    }

    [Fact]
    public async Task Update_NewRevisionDoesNotStart_CallsGetToSeeThat()
    {
        _store.Put("f", image: "one", minHot: 1);
        await StepAsync();
        foreach (var runner in _runners)
            runner.OnWarm = (_, _) => Task.FromResult(new WarmState { Ready = 0, Failure = "InitializationFailed" });
        _store.Put("f", image: "two", minHot: 1);
        await StepAsync();
        await StepAsync();
        Assert.Equal("two", await ImageAsync());
    }

    [Fact]
    public async Task Update_NewRevisionTakesTooLong_CallsGoThereAfterTheLimit()
    {
        _store.Put("f", image: "one", minHot: 1);
        await StepAsync();
        foreach (var runner in _runners)
            runner.OnWarm = (_, _) => Task.FromResult(new WarmState { Ready = 0 });
        _store.Put("f", image: "two", minHot: 1);
        await StepAsync();
        await StepAsync(after: WarmUpdateRule.Limit - Second);
        Assert.Equal("one", await ImageAsync());
        await StepAsync(after: Second);
        Assert.Equal("two", await ImageAsync());
    }

    [Fact]
    public async Task Update_AnotherOneMeanwhile_OnlyTheLastIsWarmed()
    {
        _store.Put("f", image: "one", minHot: 1);
        await StepAsync();
        foreach (var runner in _runners)
            runner.OnWarm = (function, wish) => Task.FromResult(new WarmState { Ready = function.Image == "two" ? 0 : wish.Count });
        _store.Put("f", image: "two", minHot: 1);
        await StepAsync();
        _store.Put("f", image: "three", minHot: 1);
        await StepAsync();
        await StepAsync();
        Assert.Equal("three", await ImageAsync());
        // And back: the one before is not warm any more, but nobody has to know.
        _store.Put("f", image: "two", minHot: 1);
        Assert.Equal("three", await ImageAsync());
    }

    [Fact]
    public async Task Update_OnlyHowManyAreKept_IsNoNewRevision()
    {
        _store.Put("f", minHot: 1);
        await StepAsync();
        _store.Put("f", minHot: 4);
        await StepAsync();
        Assert.Equal([2, 2], Counts());
        Assert.Equal(4, (await _revisions.ResolveAsync("f", Cancel))!.MinHot);
        Assert.Single(_runners.SelectMany(runner => runner.Wishes).Select(wish => wish.Function.Revision).Distinct());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    [InlineData(null, true)]
    public async Task Update_NotToBeWarmed_CallsGoThereAtOnce(int? minHot, bool warmUpdate)
    {
        _store.Put("f", image: "one", minHot: 1);
        await StepAsync();
        _store.Put("f", image: "two", minHot, warmUpdate);
        Assert.Equal("two", await ImageAsync());
        await StepAsync();
        Assert.Equal("two", await ImageAsync());
    }

    [Fact]
    public async Task Resolve_FunctionIsDeleted_IsNone()
    {
        _store.Put("f", minHot: 1);
        await StepAsync();
        await _store.DeleteFunctionAsync("f", Cancel);
        Assert.Null(await _revisions.ResolveAsync("f", Cancel));
    }

    [Fact]
    public async Task Signal_RingsBeforeSomebodyWaits_AreOne()
    {
        var signal = new Signal();
        signal.Ring();
        signal.Ring();
        await signal.WaitAsync().WaitAsync(Cancel);
        var next = signal.WaitAsync();
        Assert.False(next.IsCompleted);
        Assert.Same(next, signal.WaitAsync());
        signal.Ring();
        await next.WaitAsync(Cancel);
    }

    private async Task StepAsync(TimeSpan after = default)
    {
        _time.Advance(after);
        await _keeper.StepAsync(Cancel);
    }

    /// <summary>Steps whenever something is told of.</summary>
    private async Task StepUntilAsync(Func<Task<bool>> done)
    {
        while (!await done())
        {
            await _functions.Changed.WaitAsync().WaitAsync(Cancel);
            await StepAsync();
        }
    }

    private async Task<string> ImageAsync() => (await _revisions.ResolveAsync("f", Cancel))!.Image;

    /// <summary>How many each runner was asked last to keep.</summary>
    private int[] Counts() => [.. _runners.Select(runner => runner.Wishes.Last().Wish.Count)];

    private void Report(int runner, string epoch = "1", long memoryMiB = 1024) =>
        _view.Apply(Views.Full(Views.Runner(runner + 1, epoch: epoch, memoryMiB: memoryMiB)), TimeSpan.Zero);
}
