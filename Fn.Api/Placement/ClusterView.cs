using System.Collections.Concurrent;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Fn.Api.Placement;

/// <summary>
/// The runners this gateway knows and what is hot on them: those it was told of, the one in its own process, and those that the registry tells of. Placing a
/// call reads only this. Thread-safe; what the registry tells is applied by one thread.
/// </summary>
internal sealed partial class ClusterView : IRegistryWatcher, IDisposable
{
    private const long NotConnected = long.MinValue;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, RunnerView> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PoolView[]> _pools = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly RunnerView[] _given;
    private readonly RunnerConnector _connector;
    private readonly ClusterKey _key;
    private readonly ClusterOptions _options;
    private readonly RegistryHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterView> _logger;

    private volatile RunnerView[] _runners;
    private volatile TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // When the registry was last connected and read; NotConnected while it is not.
    private long _connectedAt = NotConnected;

    public ClusterView(
        IReadOnlyList<RunnerView> given,
        RunnerConnector connector,
        ClusterKey key,
        IOptions<ClusterOptions> options,
        RegistryHealth health,
        TimeProvider time,
        ILogger<ClusterView> logger)
    {
        _given = [.. given];
        _runners = _given;
        _connector = connector;
        _key = key;
        _options = options.Value;
        _health = health;
        _time = time;
        _logger = logger;
    }

    /// <summary>All runners. The array is never changed.</summary>
    public RunnerView[] Runners => _runners;

    /// <summary>Whether runners may join that are not there yet.</summary>
    public bool MayGrow { get; init; }

    /// <summary>
    /// Raised after something the registry told of was applied, or a runner was forgotten or has fallen silent; not by this gateway's own placements, which
    /// the next reports tell of. Handlers are short and do not throw.
    /// </summary>
    public event Action? Changed;

    /// <summary>Completes when a runner joins that was not there when this was read, or one begins anew.</summary>
    /// <remarks>Asked for each call, so without the lock, which is held while a report is applied. The runner is there before the next task is.</remarks>
    public Task Joined => _joined.Task;

    /// <summary>The runners known to have a revision's containers. The array is never changed.</summary>
    public PoolView[] PoolsOf(string revision) => _pools.TryGetValue(revision, out var pools) ? pools : [];

    /// <summary>A revision's containers on a runner, known or not yet.</summary>
    public PoolView PoolOf(RunnerView runner, FunctionSpec function)
    {
        if (runner.TryGetPool(function.Revision, out var known))
            return known!;
        lock (_lock)
            return AddPoolLocked(runner, function.Revision, function.FunctionId, function.MemoryBytes);
    }

    /// <summary>Drops what is known of a pool once that is nothing.</summary>
    public void Tidy(PoolView pool)
    {
        if (!pool.IsEmpty)
            return;
        lock (_lock)
            RemovePoolLocked(pool);
    }

    /// <summary>Whether a runner has not been heard of for so long that it may be dead or wedged.</summary>
    public bool IsSilent(RunnerView runner) => SilentFor(runner) > _options.Lease * 0.7;

    /// <summary>
    /// Forgets the runners whose lease has run out; silence counts only while the registry is connected. And the pools of which no report will ever tell,
    /// because their containers came and went between two.
    /// </summary>
    public void Expire()
    {
        var silent = Array.Exists(_runners, IsSilent);
        lock (_lock)
        {
            foreach (var pool in _runners.SelectMany(runner => runner.Pools).Where(pool => pool.IsEmpty))
                RemovePoolLocked(pool);
            foreach (var (id, runner) in _byId.ToList())
            {
                if (SilentFor(runner) <= _options.Lease)
                    continue;
                Log.Expired(_logger, id, runner.Address, _options.Lease.TotalSeconds);
                RemoveLocked(id, runner);
            }
        }
        if (silent)
            Changed?.Invoke();
    }

    public bool Apply(RegistryReport report, TimeSpan age)
    {
        var applied = ApplyReport(report, age);
        Changed?.Invoke();
        return applied;
    }

    private bool ApplyReport(RegistryReport report, TimeSpan age)
    {
        var record = report.Runner;
        lock (_lock)
        {
            if (!Accepts(record))
                return true;
            if (_byId.TryGetValue(record.Id, out var runner))
            {
                var last = runner.Record!;
                if (last.Epoch == record.Epoch && record.Sequence <= last.Sequence)
                    return true;
                if (!report.Full && (last.Epoch != record.Epoch || record.Sequence != last.Sequence + 1))
                    return false;
                if (record.Gone || runner.Address != record.Address)
                    RemoveLocked(record.Id, runner);
                else if (last.Epoch != record.Epoch)
                    BeginAnewLocked(runner);
            }
            if (record.Gone)
                return true;
            if (!_byId.TryGetValue(record.Id, out runner))
            {
                if (!report.Full)
                    return false;
                runner = AddLocked(record);
            }
            runner.Apply(record, age);
            ApplyPoolsLocked(runner, report);
            return true;
        }
    }

    public void Synchronized()
    {
        Volatile.Write(ref _connectedAt, _time.GetTimestamp());
        if (_health.Note(true))
            Log.Connected(_logger, _runners.Length);
        Changed?.Invoke();
    }

    public void Disconnected()
    {
        Volatile.Write(ref _connectedAt, NotConnected);
        if (_health.Note(false))
            Log.Disconnected(_logger);
        Changed?.Invoke();
    }

    public void Dispose()
    {
        foreach (var runner in _runners)
            (runner.Runner as HttpRunner)?.Dispose();
    }

    /// <summary>Only a member of the cluster is believed: it knows the key; without a key it is on this machine, as everybody in such a cluster is.</summary>
    private bool Accepts(RunnerRecord record)
    {
        var accepted = record.Address == RunnerConnector.InProcess
            ? _connector.HasInProcess
            : _key.IsSet
                ? _key.VerifyRunner(record.Id, record.Address, record.Mac)
                : Uri.TryCreate(record.Address, UriKind.Absolute, out var uri) && uri.IsLoopback;
        const int mostNoted = 1000;
        if (!accepted && _refused.Count < mostNoted && _refused.Add(record.Id))
            Log.Refused(_logger, record.Id, record.Address, _key.IsSet ? "it was not signed with this gateway's Fn:Cluster:Key" : "without Fn:Cluster:Key only runners of this machine are used");
        return accepted;
    }

    private TimeSpan SilentFor(RunnerView runner)
    {
        // Without the lock: asked for every call.
        var since = Volatile.Read(ref _connectedAt);
        return since == NotConnected || runner.Record is null ? TimeSpan.Zero : _time.GetElapsedTime(Math.Max(since, runner.HeardAt));
    }

    private RunnerView AddLocked(RunnerRecord record)
    {
        // Whoever was there before it has no use for the address any more.
        foreach (var (id, other) in _byId.Where(known => known.Value.Address == record.Address).ToList())
            RemoveLocked(id, other);
        var runner = Array.Find(_given, given => given.Address == record.Address);
        if (runner is null)
        {
            runner = new RunnerView(record.Address, _connector.Connect(record.Address, record.Id), _time, static retired => (retired.Runner as HttpRunner)?.Dispose());
            _runners = [.. _runners, runner];
        }
        _byId.Add(record.Id, runner);
        Log.Joined(_logger, record.Id, record.Address);
        TellJoinedLocked();
        return runner;
    }

    /// <summary>A runner was started again at its address: what this gateway noted of its containers, and of reports by their number, was of the run before.</summary>
    private void BeginAnewLocked(RunnerView runner)
    {
        foreach (var pool in runner.Pools)
            RemovePoolLocked(pool);
        TellJoinedLocked();
    }

    private void TellJoinedLocked()
    {
        var joined = _joined;
        _joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        joined.SetResult();
    }

    private void RemoveLocked(string id, RunnerView runner)
    {
        _byId.Remove(id);
        runner.Forget();
        foreach (var pool in runner.Pools)
            RemovePoolLocked(pool);
        if (Array.IndexOf(_given, runner) >= 0)
            return;
        _runners = Array.FindAll(_runners, other => other != runner);
        Log.Left(_logger, id, runner.Address);
        runner.Retire();
    }

    private void ApplyPoolsLocked(RunnerView runner, RegistryReport report)
    {
        foreach (var (revision, record) in report.Pools)
            AddPoolLocked(runner, revision, record.FunctionId, record.Memory).Apply(record);
        foreach (var revision in report.Gone)
            EndPoolLocked(runner, revision);
        runner.PoolChanged();
        if (!report.Full)
            return;
        foreach (var pool in runner.Pools)
        {
            if (!report.Pools.ContainsKey(pool.Revision))
                EndPoolLocked(runner, pool.Revision);
        }
    }

    private void EndPoolLocked(RunnerView runner, string revision)
    {
        if (!runner.TryGetPool(revision, out var pool))
            return;
        pool!.Apply(null);
        if (pool.IsEmpty)
            RemovePoolLocked(pool);
    }

    private PoolView AddPoolLocked(RunnerView runner, string revision, string functionId, long memory)
    {
        if (runner.TryGetPool(revision, out var known))
            return known!;
        var pool = runner.AddPool(revision, functionId, memory);
        _pools.AddOrUpdate(revision, static (_, added) => [added], static (_, pools, added) => [.. pools, added], pool);
        return pool;
    }

    private void RemovePoolLocked(PoolView pool)
    {
        pool.Runner.RemovePool(pool);
        if (!_pools.TryGetValue(pool.Revision, out var pools))
            return;
        var rest = Array.FindAll(pools, other => other != pool);
        if (rest.Length == 0)
            _pools.TryRemove(pool.Revision, out _);
        else
            _pools[pool.Revision] = rest;
    }

    private static partial class Log
    {
        [LoggerMessage(1220, LogLevel.Information, "Runner {RunnerId} at {Address} joined")]
        public static partial void Joined(ILogger logger, string runnerId, string address);

        [LoggerMessage(1221, LogLevel.Information, "Runner {RunnerId} at {Address} left")]
        public static partial void Left(ILogger logger, string runnerId, string address);

        [LoggerMessage(1222, LogLevel.Warning, "Runner {RunnerId} at {Address} has not been heard of for its lease of {Seconds} s and is forgotten")]
        public static partial void Expired(ILogger logger, string runnerId, string address, double seconds);

        [LoggerMessage(1223, LogLevel.Warning, "An entry of the registry for runner {RunnerId} at {Address} is ignored: {Reason}")]
        public static partial void Refused(ILogger logger, string runnerId, string address, string reason);

        [LoggerMessage(1224, LogLevel.Information, "The registry is connected and tells of {Runners} runners")]
        public static partial void Connected(ILogger logger, int runners);

        [LoggerMessage(1225, LogLevel.Warning, "The registry is not reached; calls go on from what was known last")]
        public static partial void Disconnected(ILogger logger);
    }
}
