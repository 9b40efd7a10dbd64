using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A container whose start, end and removal are the test's to decide.</summary>
internal sealed class FakeContainer(ContainerSpec spec) : IContainer
{
    // Not asynchronous: what follows stays with the scheduler of the test, which awaits it, and does not escape to the thread pool.
    private readonly TaskCompletionSource<CallFailure?> _start = new();
    private readonly TaskCompletionSource<ContainerExit> _ended = new();
    private readonly TaskCompletionSource _removed = new();

    private bool _removalIsQuick;

    public string Id => spec.Id;

    public ContainerSpec Spec => spec;

    public Stream Input => Stream.Null;

    public Stream Output { get; set; } = Stream.Null;

    public Stream Log => Stream.Null;

    public Task<ContainerExit> Ended => _ended.Task;

    public bool StartAsked { get; private set; }

    public bool IsStarting => StartAsked && !_start.Task.IsCompleted && !IsRemoving;

    public bool IsRemoving { get; private set; }

    public bool IsGone => _removed.Task.IsCompleted;

    /// <summary>Calls that hold the container at this moment; the pool must keep it at one or none.</summary>
    public int Holders { get; set; }

    public async ValueTask<CallFailure?> StartAsync(CancellationToken cancel)
    {
        StartAsked = true;
        return await _start.Task.WaitAsync(cancel);
    }

    public void FinishStart(CallFailure? failure = null) => _start.TrySetResult(failure);

    public void End(int code = 0) => _ended.TrySetResult(new ContainerExit(code, false));

    public Task RemoveAsync()
    {
        IsRemoving = true;
        if (_removalIsQuick)
            FinishRemoval();
        return _removed.Task;
    }

    public void FinishRemovalAtOnce() => _removalIsQuick = true;

    public void FinishRemoval()
    {
        End(137);
        _removed.TrySetResult();
    }
}
