using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Runtime;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The networks of this runner's containers, by the setting. The bridge is made once; what the machine lacks for it is looked for again each time. Thread-safe.</summary>
/// <param name="options">The settings.</param>
/// <param name="store">Says where the data directory is.</param>
/// <param name="runtimes">Says when a program has ended.</param>
/// <param name="runnerId">Who this runner is, once it has started.</param>
/// <param name="work">Owns what is done elsewhere.</param>
/// <param name="logger">Told of what is made and missing.</param>
internal sealed partial class ContainerNetworks(
    IOptions<OciOptions> options, ImageStore store, RuntimeFinder runtimes, Func<string> runnerId, BackgroundWork work, ILogger<ContainerNetworks> logger)
    : IAsyncDisposable, IDisposable
{
    private const string Setting = $"{OciOptions.Section}:{nameof(OciOptions.Network)}";

    private readonly SemaphoreSlim _building = new(1, 1);
    private Bridge? _bridge;
    private volatile NetworkPool? _pool;
    private bool _disposed;

    private string Root => Path.Combine(store.Root, "networks");

    /// <summary>Whether something may be left of these runners' networks.</summary>
    public bool HasLeftovers(IEnumerable<string> runnerIds) => runnerIds.Any(id => Directory.Exists(Path.Combine(Root, id)));

    /// <summary>Removes all that is left of these runners' networks. Their containers have to be gone.</summary>
    public async Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds)
    {
        var left = runnerIds.Where(id => Directory.Exists(Path.Combine(Root, id))).ToList();
        if (left.Count == 0)
            return;
        // A runner whose rules stay is found again at the next start.
        var error = await PacketFilter.RemoveAsync([.. left.Select(Bridge.NameOf)], runtimes.Children);
        foreach (var id in left)
        {
            var place = Path.Combine(Root, id);
            foreach (var network in Directory.EnumerateDirectories(place))
                error = NetworkMaker.Remove(Path.GetFileName(network), network) ?? error;
            error ??= NetworkMaker.Remove(Bridge.NameOf(id), place);
            if (error is null)
                Log.LeftoverRemoved(logger, id);
            else
                Log.LeftoverStays(logger, id, error);
        }
    }

    /// <summary>Does before the first call what it would otherwise wait for. Returns what the machine lacks; null: nothing.</summary>
    public async Task<string?> PrepareAsync()
    {
        if (options.Value.Network == ContainerNetworkKind.None)
            return null;
        var (pool, error) = await FindPoolAsync();
        pool?.Fill();
        return error;
    }

    /// <summary>A network for a container; without an error null means that the runtime makes one with loopback alone, which costs it nothing.</summary>
    public async ValueTask<(ContainerNetwork? Network, string? Error)> TakeAsync()
    {
        if (options.Value.Network == ContainerNetworkKind.None)
            return (null, null);
        var (pool, error) = _pool is { } known ? (known, null) : await FindPoolAsync();
        return pool is null ? (null, error) : await pool.TakeAsync();
    }

    /// <summary>Removes bridge, rules and what was prepared.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        var error = _bridge is null ? null : await PacketFilter.RemoveAsync([_bridge.Name], runtimes.Children);
        if (error is not null)
            Log.LeftoverStays(logger, runnerId(), error);
        Dispose(all: error is null);
    }

    /// <summary>The same without the rules, whose removal takes a program: they go at the next start.</summary>
    public void Dispose() => Dispose(all: false);

    private void Dispose(bool all)
    {
        if (_disposed)
            return;
        _disposed = true;
        _pool?.Close();
        _bridge?.Dispose();
        _building.Dispose();
        if (all && _bridge is not null)
            _ = NetworkMaker.Remove(_bridge.Name, Path.Combine(Root, runnerId()));
    }

    private async Task<(NetworkPool? Pool, string? Error)> FindPoolAsync()
    {
        await _building.WaitAsync();
        try
        {
            if (_pool is { } meanwhile)
                return (meanwhile, null);
            // Written down before it is made, so that it is found when this runner is killed.
            var place = Directory.CreateDirectory(Path.Combine(Root, runnerId())).FullName;
            // The options are checked before anything starts.
            _ = Ipv4Block.TryParse(options.Value.Subnet, out var subnet);
            (_bridge, var error) = await new BridgeBuilder(subnet, runtimes.Children, logger).BuildAsync(Bridge.NameOf(runnerId()));
            if (_bridge is null)
            {
                _ = NetworkMaker.Remove(Bridge.NameOf(runnerId()), place);
                return (null, $"the network bridge cannot be made: {error}. {Setting}=none runs functions without a network");
            }
            IReadOnlyCollection<string> servers = [.. options.Value.NameServers];
            if (!ResolverFile.HasServer(ResolverFile.Make(servers, path => File.Exists(path) ? File.ReadAllText(path) : null)))
                Log.NoNameServer(logger);
            return (_pool = new NetworkPool(new NetworkMaker(_bridge, place, servers), options.Value.PreparedNetworks, work, logger), null);
        }
        finally
        {
            _building.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2544, LogLevel.Information, "The bridge of runner {RunnerId} that is gone was removed")]
        public static partial void LeftoverRemoved(ILogger logger, string runnerId);

        [LoggerMessage(2545, LogLevel.Warning, "The bridge of runner {RunnerId} may not be wholly removed: {Reason}")]
        public static partial void LeftoverStays(ILogger logger, string runnerId, string reason);

        [LoggerMessage(2546, LogLevel.Warning, "Containers can resolve no names: all name servers of this machine are on loopback or IPv6. Fn:Oci:NameServers names others")]
        public static partial void NoNameServer(ILogger logger);
    }
}
