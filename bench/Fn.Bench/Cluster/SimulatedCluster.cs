using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Registry;

namespace Fn.Bench.Cluster;

/// <summary>The runners, reporting to the real registry as <c>RegistryReporter</c> does.</summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    public const int FunctionsPerRunner = 100;

    // Each tenth function has containers on a second runner too.
    private const int SharedEach = 10;

    /// <summary>Pools that change between two reports of a runner: with some tens of calls a second there.</summary>
    public const int ChangedPools = 5;

    // What would be one connection each.
    private const int Connections = 8;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Member[] _members;
    private Task[] _reporting = [];
    private long _reports;

    public SimulatedCluster(RedisProcess redis, int runners)
    {
        Functions = [.. Enumerable.Range(0, runners * FunctionsPerRunner).Select(number => Calls.Function(number, number % 2 == 0 ? 64 : 128))];
        Runners = [.. Enumerable.Range(0, runners).Select(number => new SimulatedRunner(number, [.. FunctionsOf(number, runners)]))];
        _members = [.. Enumerable.Range(0, Math.Min(runners, Connections)).Select(_ => new Member(redis))];
        // What two cores can carry with all the runners beside Redis and the gateways: about two thousand reports a second.
        Interval = TimeSpan.FromMilliseconds(Math.Max(100, runners / 2));
    }

    public FunctionSpec[] Functions { get; }

    public SimulatedRunner[] Runners { get; }

    public int Pools => Runners.Sum(static runner => runner.PoolCount);

    /// <summary>Time between two reports of a runner.</summary>
    public TimeSpan Interval { get; }

    /// <summary>While true nothing changes; the runners report all the same.</summary>
    public bool IsStill { get; set; }

    /// <summary>Reports made so far.</summary>
    public long Reports => Interlocked.Read(ref _reports);

    /// <summary>Every runner says all there is.</summary>
    public async Task JoinAsync(CancellationToken cancel) => await Parallel.ForEachAsync(
        Enumerable.Range(0, Runners.Length), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (number, each) => await ReportAsync(number, full: true, each));

    /// <summary>Every runner says how it is, without a change of its pools.</summary>
    public async Task TellAsync(CancellationToken cancel) => await Parallel.ForEachAsync(
        Enumerable.Range(0, Runners.Length), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (number, each) => await ReportAsync(number, full: false, each, changed: 0));

    /// <summary>From now on every runner reports.</summary>
    public void Begin() => _reporting = [.. Enumerable.Range(0, Runners.Length).Select(number => Task.Run(() => KeepReportingAsync(number)))];

    /// <summary>Whether the registry has everything again.</summary>
    public bool IsStored => Array.TrueForAll(Runners, static runner => runner.IsStored);

    public void SetShort(bool isShort)
    {
        foreach (var runner in Runners)
            runner.IsShort = isShort;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reporting);
        foreach (var member in _members)
            member.Dispose();
        _stop.Dispose();
    }

    private IEnumerable<FunctionSpec> FunctionsOf(int number, int runners)
    {
        var own = Functions.Skip(number * FunctionsPerRunner).Take(FunctionsPerRunner);
        var shared = Functions.Skip((number + 1) % runners * FunctionsPerRunner).Take(FunctionsPerRunner).Where(static (_, i) => i % SharedEach == 0);
        return own.Concat(shared);
    }

    private async Task KeepReportingAsync(int number)
    {
        var stop = _stop.Token;
        var outcome = ReportOutcome.Stored;
        try
        {
            await Task.Delay(Interval * ((double)number / Runners.Length), TimeProvider.System, stop);
            while (true)
            {
                outcome = await ReportAsync(number, full: outcome != ReportOutcome.Stored, stop, IsStill ? 0 : ChangedPools);
                await Task.Delay(outcome == ReportOutcome.Unreachable ? RetryAfter : Interval, TimeProvider.System, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task<ReportOutcome> ReportAsync(int number, bool full, CancellationToken cancel, int changed = 0)
    {
        var runner = Runners[number];
        var registry = _members[number % _members.Length].Registry;
        var outcome = await registry.ReportAsync(full ? runner.All() : runner.Changes(changed), cancel);
        Interlocked.Increment(ref _reports);
        runner.IsStored = outcome == ReportOutcome.Stored;
        return outcome;
    }
}
