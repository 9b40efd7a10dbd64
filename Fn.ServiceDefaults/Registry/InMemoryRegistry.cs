namespace Fn.ServiceDefaults.Registry;

/// <summary>The registry of one process that is gateway and runner in one: what the runner reports goes straight to who watches.</summary>
public sealed class InMemoryRegistry : IHotRegistry
{
    private readonly Lock _lock = new();
    private readonly List<IRegistryWatcher> _watchers = [];
    private bool _toldAll;

    public Task<ReportOutcome> ReportAsync(RegistryReport report, CancellationToken cancel)
    {
        lock (_lock)
        {
            var missed = !report.Full && !_toldAll;
            foreach (var watcher in _watchers)
                missed |= !watcher.Apply(report, TimeSpan.Zero);
            _toldAll = !missed;
            return Task.FromResult(missed ? ReportOutcome.Forgotten : ReportOutcome.Stored);
        }
    }

    public Task WithdrawAsync(RunnerRecord runner, CancellationToken cancel) =>
        ReportAsync(new RegistryReport { Runner = runner with { Gone = true }, Full = true }, cancel);

    public async Task WatchAsync(IRegistryWatcher watcher, CancellationToken cancel)
    {
        lock (_lock)
        {
            _watchers.Add(watcher);
            // A watcher that comes late gets everything with the next report, which is asked to be a full one.
            _toldAll = false;
            watcher.Synchronized();
        }
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancel.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), cancelled))
            await cancelled.Task;
        lock (_lock)
            _watchers.Remove(watcher);
    }
}
