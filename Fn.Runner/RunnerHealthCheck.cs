using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fn.Runner;

/// <summary>A runner that is stopping cannot serve calls, though its process is well.</summary>
internal sealed class RunnerHealthCheck(IRunnerStatusSource runner) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runner.Draining ? HealthCheckResult.Unhealthy("draining") : HealthCheckResult.Healthy());
}
