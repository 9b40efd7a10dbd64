using System.Threading.Channels;
using Fn.ServiceDefaults.Registry;

namespace Fn.Tests.ServiceDefaults.Registry;

/// <summary>Keeps what a registry tells, and answers as a view does: a report after a missed one is not taken.</summary>
internal sealed class RecordingWatcher : IRegistryWatcher
{
    private readonly Dictionary<string, RunnerRecord> _last = [];
    private readonly Channel<RegistryReport> _reports = Channel.CreateUnbounded<RegistryReport>();
    private TaskCompletionSource _synchronized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task SynchronizedAsync => _synchronized.Task;

    public Task DisconnectedAsync => _disconnected.Task;

    public ValueTask<RegistryReport> NextAsync(CancellationToken cancel) => _reports.Reader.ReadAsync(cancel);

    public bool Apply(RegistryReport report, TimeSpan age)
    {
        var runner = report.Runner;
        if (_last.TryGetValue(runner.Id, out var last) && last.Epoch == runner.Epoch && runner.Sequence <= last.Sequence)
            return true;
        if (!report.Full && (last is null || last.Epoch != runner.Epoch || runner.Sequence != last.Sequence + 1))
            return false;
        _last[runner.Id] = runner;
        _reports.Writer.TryWrite(report);
        return true;
    }

    public void Synchronized()
    {
        _disconnected = Anew(_disconnected);
        _synchronized.TrySetResult();
    }

    public void Disconnected()
    {
        _synchronized = Anew(_synchronized);
        _disconnected.TrySetResult();
    }

    // One that is not complete may be awaited already.
    private static TaskCompletionSource Anew(TaskCompletionSource source) =>
        source.Task.IsCompleted ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : source;
}
