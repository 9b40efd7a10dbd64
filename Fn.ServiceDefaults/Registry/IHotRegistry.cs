namespace Fn.ServiceDefaults.Registry;

/// <summary>
/// Which runners live and what is hot on them, as they say themselves. A view, never the truth: that is with each runner. Two implementations: in the memory
/// of a process that is gateway and runner in one, and in Redis.
/// </summary>
public interface IHotRegistry
{
    /// <summary>Stores a runner's report, renews its lease, and tells everybody who watches.</summary>
    Task<ReportOutcome> ReportAsync(RegistryReport report, CancellationToken cancel);

    /// <summary>Takes a runner that ends out, and tells everybody who watches. It is not an error if that cannot be done: its lease runs out.</summary>
    Task WithdrawAsync(RunnerRecord runner, CancellationToken cancel);

    /// <summary>Tells a watcher everything: first what there is, then what changes, in order. Runs until cancelled; outlives losses of connection.</summary>
    Task WatchAsync(IRegistryWatcher watcher, CancellationToken cancel);
}

/// <summary>What became of a report.</summary>
public enum ReportOutcome
{
    Stored,

    /// <summary>Stored, but nothing else of the runner was there any more: the next report has to be a full one.</summary>
    Forgotten,

    /// <summary>The registry could not be reached; whether it was stored is not known. The next report has to be a full one.</summary>
    Unreachable,
}
