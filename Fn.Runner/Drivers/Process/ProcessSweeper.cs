using System.Runtime.InteropServices;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Ends what escaped from its container's process group (by setsid, by a double fork), found by the label it carries. One sweep over the process table
/// serves every removal that asked before the sweep began; nothing runs while no container ends.
/// </summary>
internal sealed partial class ProcessSweeper(ILogger<ProcessSweeper> logger)
{
    private const int EndTimeoutMilliseconds = 5000;

    /// <summary>How often a removal waits for others that are just starting a program; it takes them less than one of these as a rule.</summary>
    private const int MaxUnsettled = 100;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private List<Request> _waiting = [];
    private Task _sweeping = Task.CompletedTask;
    private bool _running;

    /// <summary>
    /// Completes once a sweep that began after this call has found no process with the label (see <see cref="ProcessLabel.Matches"/>). What it finds before is
    /// killed and awaited.
    /// </summary>
    public Task SweepAsync(string label)
    {
        var request = new Request(label);
        lock (_lock)
        {
            _waiting.Add(request);
            if (!_running)
            {
                _running = true;
                _sweeping = Task.Run(RunAsync);
            }
        }
        return request.Done.Task;
    }

    /// <summary>Completes when no sweep runs.</summary>
    public Task IdleAsync()
    {
        lock (_lock)
            return _sweeping;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            List<Request> batch;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    return;
                }
                batch = _waiting;
                _waiting = [];
            }
            if (!Sweep(batch))
                // By the machine's own clock, whatever the service's is: what is waited for are processes of this machine.
                await Task.Delay(Retry, TimeProvider.System);
        }
    }

    /// <summary>False when the next sweep should wait a little: something could not be told, or only be killed and not awaited.</summary>
    private bool Sweep(List<Request> batch)
    {
        TableSnapshot table;
        try
        {
            table = ProcessTable.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc, no sweep: the process groups were killed, and that is all that can be done.
            Log.NoProcessTable(logger, e);
            table = new TableSnapshot([], IsSettled: true);
        }
        var awaited = table.IsSettled;
        foreach (var request in batch)
        {
            var own = table.Labelled.FindAll(entry => ProcessLabel.Matches(entry.Label, request.Label));
            if (own.Count == 0 && (table.IsSettled || ++request.Unsettled == MaxUnsettled))
            {
                request.Done.TrySetResult();
                continue;
            }
            foreach (var (pid, label) in own)
                awaited &= End(pid, label);
            lock (_lock)
                _waiting.Add(request);
        }
        return awaited;
    }

    private bool End(int pid, string label)
    {
        var process = Native.OpenProcess(pid);
        if (process < 0)
        {
            if (Marshal.GetLastPInvokeError() == Native.NoSuchProcess)
                return true;
            // A kernel without process descriptors.
            _ = Native.Kill(pid, Native.SigKill);
            return false;
        }
        try
        {
            // Looked at again through the descriptor's lifetime: the number may have gone to another process since the table was read.
            if (ProcessTable.LabelOf(pid) != label)
                return true;
            Log.Escaped(logger, pid, label);
            if (Native.SendSignal(process, Native.SigKill) && !LinuxFiles.WaitReadable(process, EndTimeoutMilliseconds))
                Log.DoesNotEnd(logger, pid, label);
            return true;
        }
        finally
        {
            _ = LinuxFiles.Close(process);
        }
    }

    private sealed class Request(string label)
    {
        public string Label { get; } = label;

        public int Unsettled { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(2511, LogLevel.Debug, "Process {Pid} of {Label} outlived its container's process group: killed")]
        public static partial void Escaped(ILogger logger, int pid, string label);

        [LoggerMessage(2512, LogLevel.Warning, "Process {Pid} of {Label} was killed and does not end")]
        public static partial void DoesNotEnd(ILogger logger, int pid, string label);

        [LoggerMessage(2513, LogLevel.Error, "The process table cannot be read: processes that left their container's process group are not found")]
        public static partial void NoProcessTable(ILogger logger, Exception exception);
    }
}
