namespace Fn.Api.Dashboard.Live;

/// <summary>Draws snapshots: of them only what was told to have changed, and nothing while nothing has. Thread-safe.</summary>
internal sealed class LiveSketch(ClusterSketch cluster, CallsSketch calls) : IDisposable
{
    private readonly SemaphoreSlim _drawing = new(1);

    // What has changed since the latest snapshot, and how often definitions have.
    private volatile bool _clusterChanged = true;
    private volatile bool _callsChanged = true;
    private long _definitions;
    private LiveSnapshot? _latest;

    /// <summary>The snapshot drawn last; null: none yet.</summary>
    public LiveSnapshot? Latest => Volatile.Read(ref _latest);

    /// <summary>What became of calls, function by function.</summary>
    public CallsSketch Calls => calls;

    public void ClusterChanged() => _clusterChanged = true;

    public void CallsChanged() => _callsChanged = true;

    public void DefinitionsChanged()
    {
        Interlocked.Increment(ref _definitions);
        // Names and idle timeouts are part of it.
        _clusterChanged = true;
    }

    /// <summary>Draws how it is now; the latest snapshot again when nothing has changed.</summary>
    public async Task<LiveSnapshot> DrawAsync()
    {
        await _drawing.WaitAsync();
        try
        {
            var (latest, definitions) = (_latest, Interlocked.Read(ref _definitions));
            // Thread A draws while thread B changes something: the mark is taken off first, so that B's change is drawn next time.
            var (drawCluster, drawCalls) = (_clusterChanged || latest is null, _callsChanged || latest is null);
            _clusterChanged = _callsChanged = false;
            var drawn = new LiveSnapshot(
                drawCluster ? await cluster.DrawAsync(latest?.Cluster) : latest!.Cluster, drawCalls ? calls.Draw(latest?.Calls) : latest!.Calls, definitions);
            if (drawn == latest)
                return latest;
            return _latest = drawn;
        }
        catch
        {
            _clusterChanged = _callsChanged = true;
            throw;
        }
        finally
        {
            _drawing.Release();
        }
    }

    public void Dispose() => _drawing.Dispose();
}
