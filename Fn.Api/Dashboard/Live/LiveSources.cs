using Fn.Api.History;
using Fn.Api.Placement;
using Fn.Api.Store;

namespace Fn.Api.Dashboard.Live;

/// <summary>Where what the dashboard shows comes from, and who tells when it changes.</summary>
internal sealed class LiveSources(ClusterView view, ICallHistory history, StoreChanges store)
{
    /// <summary>Tells of changes from now on; all of it is on the threads of those who change something, and short. Dispose to end it.</summary>
    /// <param name="cluster">The cluster has changed.</param>
    /// <param name="calls">Calls are over.</param>
    /// <param name="definitions">Apps or functions have changed.</param>
    public IDisposable Hear(Action cluster, Action calls, Action definitions)
    {
        void OnStoreChanged(StoreChange change) => definitions();

        view.Changed += cluster;
        store.Changed += OnStoreChanged;
        var subscription = history.Subscribe(calls);
        return new Hearing(() =>
        {
            view.Changed -= cluster;
            store.Changed -= OnStoreChanged;
            subscription.Dispose();
        });
    }

    private sealed class Hearing(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
