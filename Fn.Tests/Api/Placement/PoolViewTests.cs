using Fn.Api.Placement;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Placement;

/// <summary>What a gateway makes of what a runner reported and of its own calls there.</summary>
public sealed class PoolViewTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterView _view;

    public PoolViewTests() => _view = Views.Make(_time, ClusterKey.None);

    public void Dispose() => _view.Dispose();

    [Fact]
    public void Pool_OwnCalls_AreCountedAtOnce()
    {
        _view.Apply(Views.Full(Views.Runner(1), ("r", Views.Pool([20, 10]))), TimeSpan.Zero);
        var pool = _view.PoolsOf("r")[0];

        Assert.True(pool.TryTakeIdle());
        Assert.True(pool.TryTakeIdle());
        Assert.False(pool.TryTakeIdle());
        pool.Enter();
        Assert.Equal((0, 1), (pool.Look().Idle, pool.Look().Queued));

        pool.Leave(leftContainer: true);
        pool.Leave(leftContainer: true);
        Assert.Equal((1, 0), (pool.Look().Idle, pool.Look().Queued));
    }

    [Theory]
    [InlineData(0, 2)] // the report is older than the call
    [InlineData(1, 2)] // or newer: it is the same call
    [InlineData(2, 1)] // somebody else's call
    public void Pool_ReportDuringOwnCall_DoesNotCountItTwice(int busy, int idleAfter)
    {
        _view.Apply(Views.Full(Views.Runner(1), ("r", Views.Pool([20, 10]))), TimeSpan.Zero);
        var pool = _view.PoolsOf("r")[0];
        pool.TryTakeIdle();

        _view.Apply(Views.Change(Views.Runner(1, sequence: 2), ("r", Views.Pool([.. new long[] { 20, 10 }[busy..]], busy))), TimeSpan.Zero);
        Assert.Equal(idleAfter - 1, pool.Look().Idle);

        pool.Leave(leftContainer: true);
        Assert.Equal(idleAfter, pool.Look().Idle);
    }

    [Fact]
    public void Pool_CallOfAColdFunction_HerdLinesUpBehindIt()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());

        pool.Enter();

        Assert.True(pool.Look().LinesUp);
        Assert.Same(pool, Assert.Single(_view.PoolsOf(Samples.Function().Revision)));
    }

    [Fact]
    public void Pool_ColdCallIsOverBeforeAnyReport_ContainerIsTakenToBeThere()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();
        pool.Leave(leftContainer: true);
        _view.Tidy(pool);
        Assert.Equal(1, pool.Look().Idle);

        // Two reports that say nothing of it.
        var revision = Samples.Function().Revision;
        _view.Apply(Views.Full(Views.Runner(1, sequence: 2)), TimeSpan.Zero);
        _view.Apply(Views.Full(Views.Runner(1, sequence: 3)), TimeSpan.Zero);
        Assert.Empty(_view.PoolsOf(revision));
    }

    [Fact]
    public void Pool_FailedCall_LeavesNothing()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();

        pool.Leave(leftContainer: false);
        _view.Tidy(pool);

        Assert.Empty(_view.PoolsOf(Samples.Function().Revision));
    }

    [Fact]
    public void NoteEvictions_TwoOfOnePoolAreTheOldest_BothAreSpokenFor()
    {
        _view.Apply(Views.Full(Views.Runner(1, memoryMiB: 192, reservedMiB: 192), ("a", Views.Pool([5000, 4000])), ("b", Views.Pool([10]))), TimeSpan.Zero);

        _view.Runners[0].NoteEvictions(128 << 20);

        Assert.Equal((0, 1), (_view.PoolsOf("a")[0].Look().Idle, _view.PoolsOf("b")[0].Look().Idle));
    }

    [Fact]
    public void NoteEvictions_SomeAreToBeKept_OthersAreSpokenForUnlessNothingElseIsLeft()
    {
        var kept = Views.Pool([9000, 8000]) with { Floor = 1 };
        _view.Apply(Views.Full(Views.Runner(1, memoryMiB: 192, reservedMiB: 192), ("a", kept), ("b", Views.Pool([10]))), TimeSpan.Zero);
        var runner = _view.Runners[0];
        RunnerSight Sight(bool all) => runner.LookAtIdle(runner.Look(0, askable: true), all);

        Assert.Equal((128L << 20, 192L << 20), (Sight(false).IdleMemory, Sight(true).IdleMemory));
        runner.NoteEvictions(128 << 20);
        Assert.Equal((1, 0), (_view.PoolsOf("a")[0].Look().Idle, _view.PoolsOf("b")[0].Look().Idle));

        Assert.False(Sight(false).HasIdleFor(64 << 20));
        Assert.True(Sight(true).HasIdleFor(64 << 20));
        Assert.Empty(runner.NoteEvictions(64 << 20));
        Assert.Equal("a", Assert.Single(runner.NoteEvictions(64 << 20, kept: true)).Revision);
    }

    [Fact]
    public void Look_ReportWasLongUnderWay_WhatItTellsOfIsAsOldAsItIs()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(1500));

        // Made a second after the first one, so half a second ago.
        _view.Apply(Views.Change(Views.Runner(1, sequence: 2) with { Uptime = 1_001_000 }, ("r", Views.Pool([]) with { Idle = 1, IdleSince = [1_000_900], UsedAt = 1_000_900 })), TimeSpan.Zero);

        Assert.InRange(_time.GetElapsedTime(_view.PoolsOf("r")[0].Idle.Oldest).TotalMilliseconds, 598, 600);
    }

    [Fact]
    public void NoteEvictions_OldestIsSpokenFor_UntilTheReportAfterTheCall()
    {
        _view.Apply(Views.Full(Full128(1), ("a", Views.Pool([5000])), ("b", Views.Pool([10]))), TimeSpan.Zero);
        var runner = _view.Runners[0];

        var victim = Assert.Single(runner.NoteEvictions(64 << 20));

        Assert.Equal((0, 1), (_view.PoolsOf("a")[0].Look().Idle, _view.PoolsOf("b")[0].Look().Idle));
        Assert.Equal(10, _time.GetElapsedTime(runner.LookAtIdle(runner.Look(0, askable: true)).OldestIdle).TotalMilliseconds);
        // Reports while the call runs may have been made before it came.
        _view.Apply(Views.Change(Full128(2), ("a", Views.Pool([5000]))), TimeSpan.Zero);
        _view.Apply(Views.Change(Full128(3), ("a", Views.Pool([5000]))), TimeSpan.Zero);
        Assert.Equal(0, _view.PoolsOf("a")[0].Look().Idle);

        victim.EndEviction(happened: true);
        Assert.Equal(0, _view.PoolsOf("a")[0].Look().Idle);

        // The runner has chosen another one.
        _view.Apply(Views.Change(Full128(4)), TimeSpan.Zero);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteEvictions_RunnerRefuses_ContainerIsThereAgain()
    {
        _view.Apply(Views.Full(Full128(1), ("a", Views.Pool([5000])), ("b", Views.Pool([10]))), TimeSpan.Zero);
        var victim = Assert.Single(_view.Runners[0].NoteEvictions(64 << 20));

        victim.EndEviction(happened: false);

        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteEvictions_ReportShowsThatOneIsGone_TheOthersAreThere()
    {
        _view.Apply(Views.Full(Full128(1), ("a", Views.Pool([5000, 4000]))), TimeSpan.Zero);
        var victim = Assert.Single(_view.Runners[0].NoteEvictions(64 << 20));
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);

        _view.Apply(Views.Change(Full128(2), ("a", Views.Pool([4000]))), TimeSpan.Zero);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);

        victim.EndEviction(happened: true);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteStart_Memory_IsSpokenForUntilTheNextReport()
    {
        _view.Apply(Views.Full(Views.Runner(1, reservedMiB: 128)), TimeSpan.Zero);
        var runner = _view.Runners[0];

        runner.NoteStart(64 << 20);
        Assert.Equal(192L << 20, runner.Look(0, askable: true).Reserved);

        _view.Apply(Views.Change(Views.Runner(1, sequence: 2, reservedMiB: 192)), TimeSpan.Zero);
        Assert.Equal(192L << 20, runner.Look(0, askable: true).Reserved);
    }

    [Fact]
    public void Look_LongRunningCall_AgesBetweenReports()
    {
        _view.Apply(Views.Full(Views.Runner(1), ("r", Views.Pool([], busy: 1) with { RunningSince = 1_000_000 - 50 })), TimeSpan.Zero);
        var pool = _view.PoolsOf("r")[0];
        Assert.True(pool.Look().LinesUp);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.False(pool.Look().LinesUp);
    }

    private static RunnerRecord Full128(long sequence) => Views.Runner(1, sequence, memoryMiB: 128, reservedMiB: 128);
}
