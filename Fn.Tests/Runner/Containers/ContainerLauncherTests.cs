using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Containers;

/// <summary>Starts that come to nothing: which limit fired, and that nothing is left of them.</summary>
public sealed class ContainerLauncherTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly string _sockets = Directory.CreateTempSubdirectory("fn-sockets-").FullName;
    private readonly SlotHarness _harness;
    private readonly FunctionSpec _function = SlotHarness.Function("f");

    public ContainerLauncherTests()
    {
        _harness = new SlotHarness(budgetMiB: 64, containers: new ContainerOptions { SocketRoot = _sockets });
        _harness.Hot.NeedsSocketDirectory = true;
    }

    public void Dispose()
    {
        _harness.Dispose();
        Directory.Delete(_sockets, recursive: true);
    }

    [Fact]
    public void Launch_FormatNeedsASocket_ItsDirectoryLivesAsLongAsTheContainer()
    {
        var container = _harness.Warm(_function);
        Assert.Equal([container.Spec.SocketDirectory!], SocketDirectories());

        _harness.Advance(_function.IdleTimeout);
        _harness.Step(container.FinishRemoval);
        Assert.Empty(SocketDirectories());
    }

    [Theory]
    [InlineData("fails", CallError.PullFailed)]
    [InlineData("throws at once", CallError.StartFailed)]
    [InlineData("throws later", CallError.StartFailed)]
    [InlineData("never ends", CallError.InitializationTimedOut)]
    public void Launch_NoContainerIsCreated_NothingIsLeft(string creation, CallError expected)
    {
        _harness.Driver.OnCreate = cancel => creation switch
        {
            "fails" => new(new CallFailure(CallError.PullFailed)),
            "throws at once" => throw new InvalidOperationException("a bug"),
            "throws later" => ValueTask.FromException<CreateOutcome>(new InvalidOperationException("a bug")),
            _ => Never(cancel),
        };
        var call = _harness.Call(_function);
        _harness.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(expected, call.Grant.Failure?.Error);
        AssertNothingLeft();
    }

    [Fact]
    public void Launch_PoolIsClosedMeanwhile_NothingIsLeft()
    {
        _harness.Driver.OnCreate = Never;
        _harness.Call(_function);
        Assert.Single(SocketDirectories());

        _harness.Step(_harness.Pool(_function).Close);

        AssertNothingLeft();
    }

    [Fact]
    public void Launch_ContainerIsNotReady_ItIsRemoved()
    {
        var call = _harness.Call(_function);
        var container = _harness.FinishStart(_function, failure: new CallFailure(CallError.InitializationFailed));
        Assert.True(container.IsRemoving);
        Assert.Equal(CallError.InitializationFailed, call.Grant.Failure?.Error);

        _harness.Step(container.FinishRemoval);
        AssertNothingLeft();
    }

    [Fact]
    public void Launch_PullTakesTooLong_NamesItsLimit()
    {
        _harness.Driver.Pull = new();

        AssertTimesOut(TimeSpan.FromMinutes(10), new CallFailure(CallError.PullTimedOut) { Limit = "Fn:Containers:PullTimeout=600s" });
    }

    [Fact]
    public void Launch_CreationTakesTooLong_NamesItsLimit()
    {
        _harness.Driver.OnCreate = Never;

        AssertTimesOut(TimeSpan.FromSeconds(30), new CallFailure(CallError.InitializationTimedOut) { Limit = "Fn:Containers:CreateTimeout=30s" });
    }

    [Fact]
    public void Launch_StartTakesTooLong_NamesItsLimit() =>
        AssertTimesOut(TimeSpan.FromSeconds(30), new CallFailure(CallError.InitializationTimedOut) { Limit = "Fn:Containers:CreateTimeout=30s" });

    [Fact]
    public void Launch_FunctionTakesTooLongToBeReady_NamesItsLimitAndTheStartDoesNotCount()
    {
        _harness.Hot.NeverReady = true;
        var call = _harness.Call(_function);
        _harness.Advance(TimeSpan.FromSeconds(20));
        var container = Assert.Single(_harness.Driver.Containers);
        _harness.Step(() => container.FinishStart());

        _harness.Advance(TimeSpan.FromSeconds(5) - Tick);
        Assert.True(call.IsWaiting);
        _harness.Advance(Tick);
        _harness.Step(container.FinishRemoval);

        Assert.Equal(new CallFailure(CallError.InitializationTimedOut) { Limit = "Fn:Containers:StartTimeout=5s" }, call.Grant.Failure! with { RetryAfter = null });
        AssertNothingLeft();
    }

    private static async ValueTask<CreateOutcome> Never(CancellationToken cancel)
    {
        await new TaskCompletionSource().Task.WaitAsync(cancel);
        return default;
    }

    private void AssertTimesOut(TimeSpan limit, CallFailure expected)
    {
        var call = _harness.Call(_function);
        _harness.Advance(limit - Tick);
        Assert.True(call.IsWaiting);
        _harness.Advance(Tick);
        _harness.Settle();

        Assert.Equal(expected, call.Grant.Failure! with { RetryAfter = null });
        AssertNothingLeft();
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(SocketDirectories());
        Assert.Equal(0, _harness.Ledger.Reserved);
        Assert.Equal(0, _harness.Dispatcher.Starting);
    }

    private List<string> SocketDirectories() => [.. Directory.EnumerateDirectories(_sockets).SelectMany(Directory.EnumerateDirectories)];
}
