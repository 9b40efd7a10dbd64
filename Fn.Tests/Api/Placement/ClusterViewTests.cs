using Fn.Api.Placement;
using Fn.ServiceDefaults.Cluster;
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

        Assert.True(_view.Apply(Views.Full(Views.Runner(1), ("r", Views.Pool([10]))), TimeSpan.Zero));

        Assert.True(joined.IsCompleted);
        var runner = Assert.Single(_view.Runners);
        Assert.Equal(("http://127.0.0.1:9001", "runner-1"), (runner.Address, runner.Record!.Id));
        Assert.Equal(1, Assert.Single(_view.PoolsOf("r")).Look().Idle);
    }

    [Fact]
    public void Apply_UnknownRunnersChange_HasToBeReadWhole()
    {
        Assert.False(_view.Apply(Views.Change(Views.Runner(1, sequence: 5)), TimeSpan.Zero));
        Assert.Empty(_view.Runners);
    }

    [Theory]
    [InlineData(4, true, 1)] // already known
    [InlineData(5, true, 1)]
    [InlineData(6, true, 2)] // the next one
    [InlineData(7, false, 1)] // one was missed
    public void Apply_Change_IsTakenInOrderOnly(long sequence, bool taken, int idle)
    {
        _view.Apply(Views.Full(Views.Runner(1, sequence: 5), ("r", Views.Pool([10]))), TimeSpan.Zero);

        Assert.Equal(taken, _view.Apply(Views.Change(Views.Runner(1, sequence), ("r", Views.Pool([20, 10]))), TimeSpan.Zero));

        Assert.Equal(idle, _view.PoolsOf("r")[0].Look().Idle);
    }

    [Fact]
    public void Apply_ChangeOfARestartedRunner_HasToBeReadWhole()
    {
        _view.Apply(Views.Full(Views.Runner(1, sequence: 5), ("r", Views.Pool([10]))), TimeSpan.Zero);

        Assert.False(_view.Apply(Views.Change(Views.Runner(1, sequence: 6, epoch: "2")), TimeSpan.Zero));
        Assert.True(_view.Apply(Views.Full(Views.Runner(1, sequence: 2, epoch: "2")), TimeSpan.Zero));

        Assert.Empty(_view.PoolsOf("r"));
    }

    [Fact]
    public void Apply_RunnerBeginsAnewAtItsAddress_NothingNotedOfTheRunBeforeCounts()
    {
        _view.Apply(Views.Full(Views.Runner(1, sequence: 500)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();
        pool.Leave(leftContainer: true);
        Assert.Equal(1, Assert.Single(_view.PoolsOf(Samples.Function().Revision)).Look().Idle);
        var joined = _view.Joined;

        _view.Apply(Views.Full(Views.Runner(1, sequence: 1, epoch: "2")), TimeSpan.Zero);

        Assert.Empty(_view.PoolsOf(Samples.Function().Revision));
        Assert.True(joined.IsCompleted);
        Assert.Single(_view.Runners);
    }

    [Fact]
    public void Apply_PoolsGone_AreForgotten()
    {
        _view.Apply(Views.Full(Views.Runner(1), ("a", Views.Pool([10])), ("b", Views.Pool([10]))), TimeSpan.Zero);

        _view.Apply(Views.Change(Views.Runner(1, sequence: 2)) with { Gone = ["a"] }, TimeSpan.Zero);

        Assert.Empty(_view.PoolsOf("a"));
        Assert.Single(_view.PoolsOf("b"));
    }

    [Fact]
    public void Apply_RunnerGone_IsForgottenWithAllItHad()
    {
        _view.Apply(Views.Full(Views.Runner(1), ("a", Views.Pool([10]))), TimeSpan.Zero);

        _view.Apply(Views.Full(Views.Runner(1, sequence: 2) with { Gone = true }), TimeSpan.Zero);

        Assert.Empty(_view.Runners);
        Assert.Empty(_view.PoolsOf("a"));
    }

    [Fact]
    public void Apply_AnotherRunnerAtAnAddress_TakesItsPlace()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);

        _view.Apply(Views.Full(Views.Runner(1) with { Id = "other" }), TimeSpan.Zero);

        Assert.Equal("other", Assert.Single(_view.Runners).Record!.Id);
    }

    [Fact]
    public void Apply_RunnerMoved_IsReachedAtItsNewAddress()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);

        _view.Apply(Views.Full(Views.Runner(1, sequence: 1, epoch: "2") with { Address = "http://127.0.0.1:7777" }), TimeSpan.Zero);

        Assert.Equal("http://127.0.0.1:7777", Assert.Single(_view.Runners).Address);
    }

    [Fact]
    public void Apply_GivenRunner_StaysWhenItIsGone()
    {
        using var view = Views.Of(_time, new RunnerView("http://127.0.0.1:9001", new ScriptedRunner(), _time));
        view.Apply(Views.Full(Views.Runner(1), ("a", Views.Pool([10]))), TimeSpan.Zero);
        Assert.NotNull(Assert.Single(view.Runners).Record);

        view.Apply(Views.Full(Views.Runner(1, sequence: 2) with { Gone = true }), TimeSpan.Zero);

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
        _view.Apply(Views.Full(Views.Runner(1) with { Address = address }), TimeSpan.Zero);

        Assert.Equal(believed ? 1 : 0, _view.Runners.Length);
    }

    [Fact]
    public void Apply_Key_OnlySignedEntriesAreBelieved()
    {
        var key = new ClusterKey("the key of the cluster");
        using var view = Views.Make(_time, key);
        var runner = Views.Runner(1) with { Address = "http://10.0.0.1:8081" };

        view.Apply(Views.Full(runner), TimeSpan.Zero);
        view.Apply(Views.Full(runner with { Mac = key.SignRunner(runner.Id, "http://10.0.0.2:8081") }), TimeSpan.Zero);
        Assert.Empty(view.Runners);

        view.Apply(Views.Full(runner with { Mac = key.SignRunner(runner.Id, runner.Address) }), TimeSpan.Zero);
        Assert.Single(view.Runners);
    }

    [Fact]
    public void Expire_SilentForALease_IsForgotten()
    {
        _view.Synchronized();
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);

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
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
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
    public void Expire_ContainerCameAndWentBetweenTwoReports_LeavesNothing()
    {
        _view.Apply(Views.Full(Views.Runner(1)), TimeSpan.Zero);
        var pool = _view.PoolOf(_view.Runners[0], Samples.Function());
        pool.Enter();
        pool.Leave(leftContainer: true);
        _view.Apply(Views.Change(Views.Runner(1, sequence: 2)), TimeSpan.Zero);
        _view.Apply(Views.Change(Views.Runner(1, sequence: 3)), TimeSpan.Zero);

        _view.Expire();

        Assert.Empty(_view.PoolsOf(Samples.Function().Revision));
    }

    [Fact]
    public void LookAtIdle_Oldest_IsByTheRunnersClockAndTheAgeOfTheReport()
    {
        _view.Apply(Views.Full(Views.Runner(1, reservedMiB: 128), ("r", Views.Pool([5000, 10]))), TimeSpan.FromSeconds(1));

        var oldest = Views.OldestIdle(_view.Runners[0]);

        Assert.Equal(6000, _time.GetElapsedTime(oldest).TotalMilliseconds);
    }
}
