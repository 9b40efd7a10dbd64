using Fn.Runner.Registry;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>Makes the way to a runner from its address.</summary>
/// <param name="inProcess">The runner in this process, if there is one.</param>
/// <param name="key">The cluster's key.</param>
/// <param name="loggers">Makes the runners' logs.</param>
internal sealed class RunnerConnector(IRunner? inProcess, ClusterKey key, ILoggerFactory loggers)
{
    /// <summary>The address of the runner in this process.</summary>
    public const string InProcess = InProcessAddress.Address;

    public bool HasInProcess => inProcess is not null;

    /// <param name="address">Absolute http address, or <see cref="InProcess"/>.</param>
    /// <param name="runnerId">The runner's id; null when it is not known.</param>
    public IRunner Connect(string address, string? runnerId) => address == InProcess
        ? inProcess ?? throw new InvalidOperationException("No runner runs in this process.")
        : new HttpRunner(new Uri(address), key, runnerId, loggers.CreateLogger<HttpRunner>());
}
