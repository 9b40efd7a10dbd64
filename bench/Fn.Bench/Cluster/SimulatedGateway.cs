using System.Diagnostics;
using Fn.Api.Placement;
using Fn.Api.Runners;
using Fn.Runner;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fn.Bench.Cluster;

/// <summary>The part of a gateway that places calls, fed by the registry, with runners that take every call.</summary>
internal sealed class SimulatedGateway : IAsyncDisposable
{
    private readonly SimulatedCluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Member _member;
    private readonly RunnerView[] _given;
    private readonly ClusterView _view;
    private readonly Watcher _watcher;
    private Task _watching = Task.CompletedTask;
    private ITimer? _expiry;

    /// <param name="cluster">The runners.</param>
    /// <param name="member">Its place in the cluster, which it owns.</param>
    public SimulatedGateway(SimulatedCluster cluster, Member member)
    {
        (_cluster, _member) = (cluster, member);
        _given = [.. cluster.Runners.Select(static runner => new RunnerView(runner.Address, new AnsweringRunner(runner.Id), TimeProvider.System))];
        var key = member.Services.GetRequiredService<ClusterKey>();
        _view = new ClusterView(
            _given,
            new RunnerConnector(null, key, NullLoggerFactory.Instance),
            key,
            member.Services.GetRequiredService<IOptions<ClusterOptions>>(),
            member.Services.GetRequiredService<RegistryHealth>(),
            TimeProvider.System,
            NullLogger<ClusterView>.Instance);
        _watcher = new Watcher(_view);
        Placer = new Placer(_view, Options.Create(new CallOptions()), TimeProvider.System);
    }

    public Placer Placer { get; }

    /// <summary>Reports that it received and how long applying them took in all.</summary>
    public (long Count, TimeSpan Applying) Received => (_watcher.Count, _watcher.Applying);

    /// <summary>Watches the registry; completes when everything is there. Returns how long that took.</summary>
    public async Task<TimeSpan> JoinAsync(CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        _watching = _member.Registry.WatchAsync(_watcher, _stop.Token);
        var lease = _member.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.Lease;
        _expiry = TimeProvider.System.CreateTimer(static state => ((ClusterView)state!).Expire(), _view, lease, lease / 10);
        await _watcher.Synchronization.WaitAsync(cancel);
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Whether it sees each pool of each runner as it is.</summary>
    public bool SeesAll()
    {
        for (var i = 0; i < _given.Length; i++)
        {
            var runner = _given[i];
            if (runner.Record is null || !_cluster.Runners[i].IsSeenRight(revision => runner.TryGetPool(revision, out var pool) ? pool!.Record : null))
                return false;
        }
        return true;
    }

    /// <summary>Whether it knows of each runner whether its memory is short.</summary>
    public bool SeesShort(bool isShort) => Array.TrueForAll(_given, runner => runner.Record is { } record && record.Memory == record.Reserved == isShort);

    public async ValueTask DisposeAsync()
    {
        if (_expiry is not null)
            await _expiry.DisposeAsync();
        await _stop.CancelAsync();
        await _watching;
        _view.Dispose();
        _member.Dispose();
        _stop.Dispose();
    }

    /// <summary>Counts what the view is told. It is told one thing at a time.</summary>
    private sealed class Watcher(ClusterView view) : IRegistryWatcher
    {
        private readonly TaskCompletionSource _synchronized = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _applying;
        private long _count;

        public Task Synchronization => _synchronized.Task;

        public long Count => Interlocked.Read(ref _count);

        public TimeSpan Applying => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _applying));

        public bool Apply(RegistryReport report, TimeSpan age)
        {
            var begun = Stopwatch.GetTimestamp();
            var applied = view.Apply(report, age);
            Interlocked.Add(ref _applying, Stopwatch.GetTimestamp() - begun);
            Interlocked.Increment(ref _count);
            return applied;
        }

        public void Synchronized()
        {
            view.Synchronized();
            _synchronized.TrySetResult();
        }

        public void Disconnected() => view.Disconnected();
    }
}
