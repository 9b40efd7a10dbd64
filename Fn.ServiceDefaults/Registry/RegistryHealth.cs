using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fn.ServiceDefaults.Registry;

/// <summary>
/// Whether this process has the registry: unhealthy until it had it once, degraded when it has lost it since. Calls go on without it, from what was known last.
/// Thread-safe.
/// </summary>
public sealed class RegistryHealth : IHealthCheck
{
    private volatile bool _had;
    private volatile bool _has;

    /// <summary>Whether the registry is reached at the moment.</summary>
    public bool Has => _has;

    /// <summary>Notes how it is; true when that is news.</summary>
    public bool Note(bool has)
    {
        var news = _has != has;
        _has = has;
        _had |= has;
        return news;
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _has ? HealthCheckResult.Healthy()
        : _had ? HealthCheckResult.Degraded("The registry is not reached; calls go on from what was known last.")
        : HealthCheckResult.Unhealthy("The registry has not been reached yet."));
}
