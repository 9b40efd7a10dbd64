using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Fn.Api.Placement;

/// <summary>Feeds the view of the cluster from the hot registry for as long as the gateway runs.</summary>
internal sealed class RegistryFeed(IHotRegistry registry, ClusterView view, IOptions<ClusterOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var expiry = time.CreateTimer(static state => ((ClusterView)state!).Expire(), view, options.Value.Lease, options.Value.Lease / 10);
        try
        {
            await registry.WatchAsync(view, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }
}
