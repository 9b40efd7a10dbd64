namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>
/// Networks that are ready before a container asks for one. One is used by one container and never again. Thread-safe; what takes time is done elsewhere, but for
/// a network that is asked for when none is ready.
/// </summary>
/// <param name="maker">Makes them.</param>
/// <param name="size">How many are kept ready.</param>
/// <param name="work">Owns what is done elsewhere.</param>
/// <param name="logger">Told what does not work.</param>
internal sealed partial class NetworkPool(NetworkMaker maker, int size, BackgroundWork work, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Queue<ContainerNetwork> _ready = new();
    private bool _filling;
    private bool _closed;

    /// <summary>How many are ready.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
                return _ready.Count;
        }
    }

    /// <summary>One that nobody has used; else why there is none.</summary>
    public async ValueTask<(ContainerNetwork? Network, string? Error)> TakeAsync()
    {
        lock (_lock)
        {
            if (_ready.TryDequeue(out var prepared))
                return (prepared, null);
        }
        return await maker.MakeAsync(this);
    }

    /// <summary>Prepares as many as are missing, elsewhere.</summary>
    public void Fill()
    {
        lock (_lock)
        {
            // Who fills looks again, under this lock, before it leaves: one that is taken meanwhile is not missed.
            if (_filling || _closed || _ready.Count >= size)
                return;
            _filling = true;
        }
        work.Run(FillAsync);
    }

    /// <summary>Removes one whose container is gone, elsewhere: its removal waits for the kernel, and nothing waits for that.</summary>
    public void Discard(ContainerNetwork network) => work.Run(() =>
    {
        Remove(network);
        return Task.CompletedTask;
    });

    /// <summary>Removes those that are ready; none is prepared after that.</summary>
    public void Close()
    {
        List<ContainerNetwork> ready;
        lock (_lock)
        {
            _closed = true;
            ready = [.. _ready];
            _ready.Clear();
        }
        ready.ForEach(Remove);
    }

    private async Task FillAsync()
    {
        while (IsMissing())
        {
            var (network, error) = await maker.MakeAsync(this);
            if (network is null)
            {
                lock (_lock)
                    _filling = false;
                // The next container that is started tries again.
                Log.NotPrepared(logger, error!);
                return;
            }
            if (!Keep(network))
                Remove(network);
        }
    }

    /// <summary>Whether one more is to be prepared. If not, who fills has left.</summary>
    private bool IsMissing()
    {
        lock (_lock)
            return _filling = !_closed && _ready.Count < size;
    }

    private bool Keep(ContainerNetwork network)
    {
        lock (_lock)
        {
            if (!_closed)
                _ready.Enqueue(network);
            return !_closed;
        }
    }

    private void Remove(ContainerNetwork network)
    {
        if (maker.Remove(network) is { } left)
            Log.NotRemoved(logger, network.Port, left);
    }

    private static partial class Log
    {
        [LoggerMessage(2542, LogLevel.Warning, "No network could be prepared for the next container: {Reason}")]
        public static partial void NotPrepared(ILogger logger, string reason);

        [LoggerMessage(2543, LogLevel.Warning, "The network {Port} of a container could not be removed: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string port, string reason);
    }
}
