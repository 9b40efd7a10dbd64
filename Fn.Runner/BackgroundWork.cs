namespace Fn.Runner;

/// <summary>
/// Owns the tasks that outlive the call that began them: starts, removals, detached and abandoned calls. A stopping runner awaits them. Thread-safe.
/// </summary>
internal sealed partial class BackgroundWork(ILogger<BackgroundWork> logger, TaskScheduler? scheduler = null)
{
    private readonly Lock _lock = new();
    private int _running;
    private TaskCompletionSource? _idle;

    /// <summary>Where the work and its continuations run: the thread pool, unless a test wants them one by one.</summary>
    public TaskScheduler Scheduler { get; } = scheduler ?? TaskScheduler.Default;

    /// <summary>Runs work elsewhere, never on the caller's thread.</summary>
    public void Run(Func<Task> work)
    {
        lock (_lock)
            _running++;
        // It outlives the call in whose flow it was begun, and whatever is current there.
        using var flow = SuppressedFlow.Begin();
        _ = Task.Factory.StartNew(() => RunAsync(work), CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler);
    }

    /// <summary>Completes when nothing runs.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (_running == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // The last frame of the task: what comes here is a bug, to be seen in the log rather than lost.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Failed(logger, e);
        }
        finally
        {
            lock (_lock)
            {
                if (--_running == 0)
                {
                    _idle?.SetResult();
                    _idle = null;
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "Background work failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
