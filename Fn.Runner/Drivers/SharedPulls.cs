namespace Fn.Runner.Drivers;

/// <summary>One pull an image however many wait for it; it ends when nobody does. Thread-safe.</summary>
internal sealed class SharedPulls<T>
{
    private readonly Dictionary<string, Pull> _pulls = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Waits for the pull of this image that runs, or for one begun now.</summary>
    public async Task<T> RunAsync(string image, Func<CancellationToken, Task<T>> begin, CancellationToken cancel)
    {
        var pull = Join(image, begin);
        try
        {
            return await pull.Task.WaitAsync(cancel);
        }
        finally
        {
            Leave(image, pull);
        }
    }

    private Pull Join(string image, Func<CancellationToken, Task<T>> begin)
    {
        lock (_lock)
        {
            if (!_pulls.TryGetValue(image, out var pull))
            {
                var cancel = new CancellationTokenSource();
                _pulls[image] = pull = new Pull(Task.Run(() => begin(cancel.Token)), cancel);
            }
            pull.Waiting++;
            return pull;
        }
    }

    private void Leave(string image, Pull pull)
    {
        lock (_lock)
        {
            if (--pull.Waiting > 0)
                return;
            if (_pulls.TryGetValue(image, out var current) && current == pull)
                _pulls.Remove(image);
        }
        pull.Cancel.Cancel();
        pull.Cancel.Dispose();
    }

    private sealed class Pull(Task<T> task, CancellationTokenSource cancel)
    {
        public Task<T> Task { get; } = task;

        public CancellationTokenSource Cancel { get; } = cancel;

        public int Waiting { get; set; }
    }
}
