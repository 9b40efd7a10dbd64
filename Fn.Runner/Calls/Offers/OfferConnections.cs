using Fn.Runner.Linux;

namespace Fn.Runner.Calls.Offers;

/// <summary>The connections of gateways that bring whole offers. Thread-safe.</summary>
/// <param name="intake">Takes the offers.</param>
/// <param name="guard">Lets them in.</param>
internal sealed class OfferConnections(CallIntake intake, ClusterGuard guard)
{
    private readonly Lock _lock = new();
    private readonly HashSet<OfferConnection> _open = [];
    private TaskCompletionSource? _allEnded;

    /// <summary>Serves a connection until it has come to its end. Never faults.</summary>
    public async Task ServeAsync(PolledSocket stream)
    {
        var connection = new OfferConnection(stream, intake, guard);
        bool ending;
        lock (_lock)
        {
            _open.Add(connection);
            ending = _allEnded is not null;
        }
        if (ending)
            connection.EndIdle();
        await connection.ServeAsync();
        lock (_lock)
        {
            _open.Remove(connection);
            if (_open.Count == 0)
                _allEnded?.TrySetResult();
        }
    }

    /// <summary>Ends those without a call, and awaits the others for as long as it may.</summary>
    public async Task EndIdleAsync(CancellationToken cancel)
    {
        var open = Open(out var ended);
        foreach (var connection in open)
            connection.EndIdle();
        await ended.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends all, whatever they do.</summary>
    public void EndAll()
    {
        foreach (var connection in Open(out _))
            connection.Dispose();
    }

    private List<OfferConnection> Open(out Task ended)
    {
        lock (_lock)
        {
            _allEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open.Count == 0)
                _allEnded.TrySetResult();
            ended = _allEnded.Task;
            return [.. _open];
        }
    }
}
