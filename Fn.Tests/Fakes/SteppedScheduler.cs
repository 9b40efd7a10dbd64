namespace Fn.Tests.Fakes;

/// <summary>Runs tasks and their continuations one by one on the thread that calls <see cref="Run"/>: a schedule of events is then the same every time.</summary>
internal sealed class SteppedScheduler : TaskScheduler
{
    private readonly Queue<Task> _tasks = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _queued = new(0);

    /// <summary>Runs an action as a task of this scheduler, then all that follows from it.</summary>
    public void Run(Action action)
    {
        var task = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);
        while (Next() is { } next)
            TryExecuteTask(next);
#pragma warning disable VSTHRD002 // It has run: this only rethrows what it threw.
        task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>Goes on, whenever something comes back from the thread pool (where the framework's own code may take a turn), until it is done.</summary>
    public async Task RunUntilAsync(Func<bool> done, CancellationToken cancel)
    {
        while (!done())
        {
            await _queued.WaitAsync(cancel);
            Run(static () => { });
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
            _tasks.Enqueue(task);
        _queued.Release();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
            return [.. _tasks];
    }

    private Task? Next()
    {
        lock (_lock)
            return _tasks.TryDequeue(out var task) ? task : null;
    }
}
