using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fn.Api.Store;

/// <summary>Unhealthy without the store: functions that are not kept in memory could not be called.</summary>
internal sealed class StoreHealthCheck(FnStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            await store.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is DbException or RetryLimitExceededException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer.", e);
        }
    }
}
