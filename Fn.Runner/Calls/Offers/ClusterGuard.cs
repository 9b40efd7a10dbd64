using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Offers;

/// <summary>Lets only members of the cluster in: requests that carry no valid proof are answered with 401 and this runner's id, to which a proof is bound.</summary>
internal sealed partial class ClusterGuard(ClusterKey key, IRunner runner, TimeProvider time, ILogger<ClusterGuard> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private long _saidAt;

    /// <summary>Whether a proof is asked for at all; else every request is let in.</summary>
    public bool Asks => key.IsSet;

    /// <summary>Whether a request is let in.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path.</param>
    /// <param name="mac">Its proof, if it has one.</param>
    public bool Admits(string method, string path, string? mac) => key.VerifyRequest(runner.Name, method, path, mac);

    /// <summary>Notes that a request was not let in. Returns the runner's id, which the answer says.</summary>
    /// <param name="meant">The runner that its proof was made for, if it says so.</param>
    /// <param name="remote">Where it came from; null: from this machine.</param>
    public string Refuse(string? meant, string? remote)
    {
        // One that was made for another runner is how a gateway finds out whom it talks to: no news.
        if (meant is not null && meant != runner.Name)
            return runner.Name;
        var now = time.GetTimestamp();
        var said = Volatile.Read(ref _saidAt);
        if ((said == 0 || time.GetElapsedTime(said, now) >= Quiet) && Interlocked.CompareExchange(ref _saidAt, now, said) == said)
            Log.Refused(logger, remote ?? "this machine");
        return runner.Name;
    }

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Warning, "Refused a request from {Remote}: it was not made with this runner's Fn:Cluster:Key. Gateways and runners need the same key")]
        public static partial void Refused(ILogger logger, string remote);
    }
}
