using Fn.Api.Placement;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Placement;

public sealed class ClusterViewTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterView _view;

    public ClusterViewTests() => _view = Views.Make(_time, ClusterKey.None);

    public void Dispose() => _view.Dispose();

    [Fact]
    public void Apply_FullReport_RunnerJoinsWithItsPools()
    {
        var joined = _view.Joined;

        Assert.True(_view.Apply(Full(Views.Runner(1), ("r", Views.Pool([10]))), TimeSpan.Zero));

        Assert.True(joined.IsCompleted);
        var runner = Assert.Single(_view.Runners);
        Assert.Equal(("http://127.0.0.1:9001", "runner-1"), (runner.Address, runner.Record!.Id));
        Assert.Equal(1, Assert.Single(_view.PoolsOf("r")).Look().Idle);
    }

    [Fact]
    public void Apply_UnknownRunnersChange_HasToBeReadWhole()
    {
        Assert.False(_view.Apply(Change(Views.Runner(1, sequence: 5)), TimeSpan.Zero));
        Assert.Empty(_view.Runners);
    }

    [Theory]
    [InlineData(4, true, 1)] // already known
    [InlineData(5, true, 1)]
    [InlineData(6, true, 2)] // the next one
    [InlineData(7, false, 1)] // one was missed
    public void Apply_Change_IsTakenInOrderOnly(long sequence, bool taken, int idle)
    {
        _view.Apply(Full(Views.Runner(1, sequence: 5), ("r", Views.Pool([10]))), TimeSpan.Zero);

        Assert.Equal(taken, _view.Apply(Change(Views.Runner(1, sequence), ("r", Views.Pool([20, 10]))), TimeSpan.Zero));

        Assert.Equal(idle, _view.PoolsOf("r")[0].Look().Idle);
    }

    [Fact]
    public void Apply_ChangeOfARestartedRunner_HasToBeReadWhole()
    {
        _view.Apply(Full(Views.Runner(1, sequence: 5), ("r", Views.Pool([10]))), TimeSpan.Zero);

        Assert.False(_view.Apply(Change(Views.Runner(1, sequence: 6, epoch: "2")), TimeSpan.Zero));
        Assert.True(_view.Apply(Full(Views.Runner(1, sequence: 2, epoch: "2")), TimeSpan.Zero));

        Assert.Empty(_view.PoolsOf("r"));
    }

    [Fact]
    public void Apply_PoolsGone_AreForgotten()
    {
        _view.Apply(Full(Views.Runner(1), ("a", Views.Pool([10])), ("b", Views.Pool([10]))), TimeSpan.Zero);

        _view.Apply(Change(Views.Runner(1, sequence: 2)) with { Gone = ["a"] }, TimeSpan.Zero);

        Assert.Empty(_view.PoolsOf("a"));
        Assert.Single(_view.PoolsOf("b"));
    }

    [Fact]
    public void Apply_RunnerGone_IsForgottenWithAllItHad()
    {
        _view.Apply(Full(Views.Runner(1), ("a", Views.Pool([10]))), TimeSpan.Zero);

        _view.Apply(Full(Views.Runner(1, sequence: 2) with { Gone = true }), TimeSpan.Zero);

        Assert.Empty(_view.Runners);
        Assert.Empty(_view.PoolsOf("a"));
    }

    [Fact]
    public void Apply_AnotherRunnerAtAnAddress_TakesItsPlace()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);

        _view.Apply(Full(Views.Runner(1) with { Id = "other" }), TimeSpan.Zero);

        Assert.Equal("other", Assert.Single(_view.Runners).Record!.Id);
    }

    [Fact]
    public void Apply_RunnerMoved_IsReachedAtItsNewAddress()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);

        _view.Apply(Full(Views.Runner(1, sequence: 1, epoch: "2") with { Address = "http://127.0.0.1:7777" }), TimeSpan.Zero);

        Assert.Equal("http://127.0.0.1:7777", Assert.Single(_view.Runners).Address);
    }

    [Fact]
    public void Apply_GivenRunner_StaysWhenItIsGone()
    {
        using var view = Views.Of(_time, new RunnerView("http://127.0.0.1:9001", new ScriptedRunner(), _time));
        view.Apply(Full(Views.Runner(1), ("a", Views.Pool([10]))), TimeSpan.Zero);
        Assert.NotNull(Assert.Single(view.Runners).Record);

        view.Apply(Full(Views.Runner(1, sequence: 2) with { Gone = true }), TimeSpan.Zero);

        Assert.Null(Assert.Single(view.Runners).Record);
        Assert.Empty(view.PoolsOf("a"));
    }

    [Theory]
    [InlineData("http://10.0.0.1:8081", false)]
    [InlineData("http://127.0.0.1:8081", true)]
    [InlineData("http://localhost:8081", true)]
    [InlineData("in-process", false)]
    [InlineData("nonsense", false)]
    public void Apply_NoKey_OnlyRunnersOfThisMachineAreBelieved(string address, bool believed)
    {
        _view.Apply(Full(Views.Runner(1) with { Address = address }), TimeSpan.Zero);

        Assert.Equal(believed ? 1 : 0, _view.Runners.Length);
    }

    [Fact]
    public void Apply_Key_OnlySignedEntriesAreBelieved()
    {
        var key = new ClusterKey("the key of the cluster");
        using var view = Views.Make(_time, key);
        var runner = Views.Runner(1) with { Address = "http://10.0.0.1:8081" };

        view.Apply(Full(runner), TimeSpan.Zero);
        view.Apply(Full(runner with { Mac = key.SignRunner(runner.Id, "http://10.0.0.2:8081") }), TimeSpan.Zero);
        Assert.Empty(view.Runners);

        view.Apply(Full(runner with { Mac = key.SignRunner(runner.Id, runner.Address) }), TimeSpan.Zero);
        Assert.Single(view.Runners);
    }

    [Fact]
    public void Expire_SilentForALease_IsForgotten()
    {
        _view.Synchronized();
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);

        _time.Advance(Views.Lease * 0.8);
        _view.Expire();
        Assert.True(_view.IsSilent(Assert.Single(_view.Runners)));

        _time.Advance(Views.Lease * 0.2 + TimeSpan.FromMilliseconds(1));
        _view.Expire();
        Assert.Empty(_view.Runners);
    }

    [Fact]
    public void Expire_RegistryIsGone_NobodyIsForgotten()
    {
        _view.Synchronized();
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);
        _view.Disconnected();

        _time.Advance(Views.Lease * 100);
        _view.Expire();
        Assert.False(_view.IsSilent(Assert.Single(_view.Runners)));

        // Back: the silence so far does not count.
        _view.Synchronized();
        _time.Advance(Views.Lease * 0.9);
        _view.Expire();
        Assert.Single(_view.Runners);
        _time.Advance(Views.Lease);
        _view.Expire();
        Assert.Empty(_view.Runners);
    }

    [Fact]
    public void Pool_OwnCalls_AreCountedAtOnce()
    {
        _view.Apply(Full(Views.Runner(1), ("r", Views.Pool([20, 10]))), TimeSpan.Zero);
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
        _view.Apply(Full(Views.Runner(1), ("r", Views.Pool([20, 10]))), TimeSpan.Zero);
        var pool = _view.PoolsOf("r")[0];
        pool.TryTakeIdle();

        _view.Apply(Change(Views.Runner(1, sequence: 2), ("r", Views.Pool([.. new long[] { 20, 10 }[busy..]], busy))), TimeSpan.Zero);
        Assert.Equal(idleAfter - 1, pool.Look().Idle);

        pool.Leave(leftContainer: true);
        Assert.Equal(idleAfter, pool.Look().Idle);
    }

    [Fact]
    public void Pool_CallOfAColdFunction_HerdLinesUpBehindIt()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());

        pool.Enter();

        Assert.True(pool.Look().LinesUp);
        Assert.Same(pool, Assert.Single(_view.PoolsOf(Samples.Function().Revision)));
    }

    [Fact]
    public void Pool_ColdCallIsOverBeforeAnyReport_ContainerIsTakenToBeThere()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();
        pool.Leave(leftContainer: true);
        _view.Tidy(pool);
        Assert.Equal(1, pool.Look().Idle);

        // Two reports that say nothing of it.
        var revision = Samples.Function().Revision;
        _view.Apply(Full(Views.Runner(1, sequence: 2)), TimeSpan.Zero);
        _view.Apply(Full(Views.Runner(1, sequence: 3)), TimeSpan.Zero);
        Assert.Empty(_view.PoolsOf(revision));
    }

    [Fact]
    public void Expire_ContainerCameAndWentBetweenTwoReports_LeavesNothing()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();
        pool.Leave(leftContainer: true);
        _view.Apply(Change(Views.Runner(1, sequence: 2)), TimeSpan.Zero);
        _view.Apply(Change(Views.Runner(1, sequence: 3)), TimeSpan.Zero);

        _view.Expire();

        Assert.Empty(_view.PoolsOf(Samples.Function().Revision));
    }

    [Fact]
    public void Pool_FailedCall_LeavesNothing()
    {
        _view.Apply(Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();

        pool.Leave(leftContainer: false);
        _view.Tidy(pool);

        Assert.Empty(_view.PoolsOf(Samples.Function().Revision));
    }

    [Fact]
    public void LookAtIdle_Oldest_IsByTheRunnersClockAndTheAgeOfTheReport()
    {
        _view.Apply(Full(Views.Runner(1, reservedMiB: 128), ("r", Views.Pool([5000, 10]))), TimeSpan.FromSeconds(1));

        var oldest = OldestIdle(_view.Runners[0]);

        Assert.Equal(6000, _time.GetElapsedTime(oldest).TotalMilliseconds);
    }

    [Fact]
    public void NoteEvictions_TwoOfOnePoolAreTheOldest_BothAreSpokenFor()
    {
        _view.Apply(Full(Views.Runner(1, memoryMiB: 192, reservedMiB: 192), ("a", Views.Pool([5000, 4000])), ("b", Views.Pool([10]))), TimeSpan.Zero);

        _view.Runners[0].NoteEvictions(128 << 20);

        Assert.Equal((0, 1), (_view.PoolsOf("a")[0].Look().Idle, _view.PoolsOf("b")[0].Look().Idle));
    }

    [Fact]
    public void NoteEvictions_OldestIsSpokenFor_UntilTheReportAfterTheCall()
    {
        _view.Apply(Full(Full128(1), ("a", Views.Pool([5000])), ("b", Views.Pool([10]))), TimeSpan.Zero);
        var runner = _view.Runners[0];

        var victim = Assert.Single(runner.NoteEvictions(64 << 20));

        Assert.Equal((0, 1), (_view.PoolsOf("a")[0].Look().Idle, _view.PoolsOf("b")[0].Look().Idle));
        Assert.Equal(10, _time.GetElapsedTime(runner.LookAtIdle(runner.Look(0, askable: true)).OldestIdle).TotalMilliseconds);
        // Reports while the call runs may have been made before it came.
        _view.Apply(Change(Full128(2), ("a", Views.Pool([5000]))), TimeSpan.Zero);
        _view.Apply(Change(Full128(3), ("a", Views.Pool([5000]))), TimeSpan.Zero);
        Assert.Equal(0, _view.PoolsOf("a")[0].Look().Idle);

        victim.EndEviction(happened: true);
        Assert.Equal(0, _view.PoolsOf("a")[0].Look().Idle);

        // The runner has chosen another one.
        _view.Apply(Change(Full128(4)), TimeSpan.Zero);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteEvictions_RunnerRefuses_ContainerIsThereAgain()
    {
        _view.Apply(Full(Full128(1), ("a", Views.Pool([5000])), ("b", Views.Pool([10]))), TimeSpan.Zero);
        var victim = Assert.Single(_view.Runners[0].NoteEvictions(64 << 20));

        victim.EndEviction(happened: false);

        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteEvictions_ReportShowsThatOneIsGone_TheOthersAreThere()
    {
        _view.Apply(Full(Full128(1), ("a", Views.Pool([5000, 4000]))), TimeSpan.Zero);
        var victim = Assert.Single(_view.Runners[0].NoteEvictions(64 << 20));
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);

        _view.Apply(Change(Full128(2), ("a", Views.Pool([4000]))), TimeSpan.Zero);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);

        victim.EndEviction(happened: true);
        Assert.Equal(1, _view.PoolsOf("a")[0].Look().Idle);
    }

    [Fact]
    public void NoteStart_Memory_IsSpokenForUntilTheNextReport()
    {
        _view.Apply(Full(Views.Runner(1, reservedMiB: 128)), TimeSpan.Zero);
        var runner = _view.Runners[0];

        runner.NoteStart(64 << 20);
        Assert.Equal(192L << 20, runner.Look(0, askable: true).Reserved);

        _view.Apply(Change(Views.Runner(1, sequence: 2, reservedMiB: 192)), TimeSpan.Zero);
        Assert.Equal(192L << 20, runner.Look(0, askable: true).Reserved);
    }

    [Fact]
    public void Look_LongRunningCall_AgesBetweenReports()
    {
        _view.Apply(Full(Views.Runner(1), ("r", Views.Pool([], busy: 1) with { RunningSince = 1_000_000 - 50 })), TimeSpan.Zero);
        var pool = _view.PoolsOf("r")[0];
        Assert.True(pool.Look().LinesUp);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.False(pool.Look().LinesUp);
    }

    private static RunnerRecord Full128(long sequence) => Views.Runner(1, sequence, memoryMiB: 128, reservedMiB: 128);

    private static RegistryReport Full(RunnerRecord runner, params (string Revision, PoolRecord Pool)[] pools) => Change(runner, pools) with { Full = true };

    private static long OldestIdle(RunnerView runner) => runner.LookAtIdle(runner.Look(0, askable: true)).OldestIdle;

    private static RegistryReport Change(RunnerRecord runner, params (string Revision, PoolRecord Pool)[] pools) =>
        new() { Runner = runner, Pools = pools.ToDictionary(pool => pool.Revision, pool => pool.Pool) };
}
