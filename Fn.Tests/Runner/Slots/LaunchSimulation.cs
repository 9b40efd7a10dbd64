using Fn.Runner.Slots;
using Microsoft.Extensions.Time.Testing;

namespace Fn.Tests.Runner.Slots;

/// <summary>
/// A pool reduced to what the launch rule sees, run on made-up time: calls come and run for so long, starts take 560 ms and two are under way at once. No
/// two things happen at one instant, for every event has its place in the queue.
/// </summary>
/// <param name="start">What a start takes; null: 560 ms.</param>
/// <param name="processors">What the calls share: more than so many at once take longer, each. Null: they share nothing.</param>
/// <param name="unjudged">How many containers <see cref="GrowthGate"/> does not judge; null: as many as there are processors, two if there is nothing to share.</param>
internal sealed class LaunchSimulation(TimeSpan? start = null, int? processors = null, int? unjudged = null)
{
    public static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(560);

    private const int StartsAtOnce = 2;

    private readonly FakeTimeProvider _time = new();
    private readonly TimeSpan _start = start ?? StartTime;
    private readonly PriorityQueue<Action, (TimeSpan At, int Order)> _events = new();
    private readonly Queue<(TimeSpan Arrived, TimeSpan Runs)> _waiting = new();
    private readonly List<TimeSpan> _busySince = [];

    private GrowthGate? _growth;
    private TimeSpan _now;
    private TimeSpan _processorsIdle;
    private DecayedMean _service;
    private Action? _over;
    private TimeSpan? _alarm;
    private TimeSpan? _lastingSince;
    private int _order;
    private int _idle;
    private int _queued;
    private int _starting;
    private int _step = 1;

    /// <summary>From when on the calls share nothing any more.</summary>
    public TimeSpan SharesUntil { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether it is known how long the processors are idle.</summary>
    public bool KnowsIdle { get; init; }

    /// <summary>How many times as long everything takes, by the time: a machine is not always equally fast.</summary>
    public Func<TimeSpan, double> Slowness { get; init; } = static _ => 1;

    /// <summary>How many containers the free memory has room for.</summary>
    public int Room { get; init; } = int.MaxValue;

    /// <summary>Containers started.</summary>
    public int Containers { get; private set; }

    /// <summary>Containers there are.</summary>
    public int Left => _idle + _busySince.Count;

    /// <summary>How long each call waited, in the order in which they were served.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public LaunchSimulation Call(TimeSpan at, TimeSpan runs)
    {
        At(at, () =>
        {
            _waiting.Enqueue((_now, runs));
            Serve();
        });
        return this;
    }

    /// <summary>So many clients, each of which calls again as soon as it has its answer.</summary>
    /// <param name="clients">How many.</param>
    /// <param name="until">When they stop.</param>
    /// <param name="runs">What the next call takes, by the time.</param>
    public LaunchSimulation Clients(int clients, TimeSpan until, Func<TimeSpan, TimeSpan> runs)
    {
        for (var i = 0; i < clients; i++)
            CallAgain(TimeSpan.Zero);
        _over = () =>
        {
            if (_now < until)
                CallAgain(_now);
        };
        return this;

        void CallAgain(TimeSpan at) => Call(at, runs(at));
    }

    public LaunchSimulation Run()
    {
        _growth = new GrowthGate(_time, unjudged ?? processors ?? 2, () => KnowsIdle ? _processorsIdle : null);
        while (_events.TryDequeue(out var happens, out var when))
        {
            _processorsIdle += (when.At - _now) * IdleShare;
            _time.Advance(when.At - _now);
            _now = when.At;
            happens();
        }
        return this;
    }

    private double Shared => _now < SharesUntil ? processors ?? double.PositiveInfinity : double.PositiveInfinity;

    private double IdleShare => double.IsPositiveInfinity(Shared) ? 1 : Math.Max(0, 1 - _busySince.Count / Shared);

    private void At(TimeSpan at, Action happens) => _events.Enqueue(happens, (at, _order++));

    private void Serve()
    {
        while (_idle > 0 && _waiting.TryDequeue(out var call))
        {
            _idle--;
            Waits.Add(_now - call.Arrived);
            var since = _now;
            _busySince.Add(since);
            var runs = call.Runs * Math.Max(1, _busySince.Count / Shared) * Slowness(_now);
            At(_now + runs, () =>
            {
                if (_waiting.Count > 0)
                    _growth!.Ran(_idle + _busySince.Count, runs, _time.GetTimestamp());
                var surplus = _growth!.IsSurplus(_idle + _busySince.Count, _time.GetTimestamp());
                _busySince.Remove(since);
                _service.Add(runs);
                _idle += surplus ? 0 : 1;
                _over?.Invoke();
                Serve();
            });
        }
        Decide();
        while (_queued > 0 && _starting < StartsAtOnce)
            Start();
    }

    private void Decide()
    {
        _lastingSince = _waiting.Count > 0 ? _lastingSince ?? _now : null;
        if (_waiting.Count == 0)
            _step = 1;
        _queued = Math.Min(_queued, _waiting.Count);
        var ahead = Math.Max(0, _queued + _starting - StartsAtOnce + 1);
        var ready = _idle + _busySince.Count;
        TimeSpan? oldest = _busySince.Count > 0 ? _now - _busySince.Min() : null;
        var (most, held) = _waiting.Count == 0 || ready == 0 ? (_step, null) : _growth!.Limit(ready, _service.Value ?? _start, oldest, _time.GetTimestamp());
        var decision = LaunchRule.Decide(new LaunchSnapshot
        {
            Waiting = _waiting.Count,
            Ready = ready,
            Starting = _queued + _starting,
            Service = _service.Value,
            OldestRunning = oldest,
            Lasting = _now - _lastingSince,
            Room = Room - ready,
            Start = _start * (1 + (double)ahead / StartsAtOnce),
            Step = Math.Min(_step, most),
            Held = held,
            Max = null,
        });
        _queued += decision.Start;
        if (decision.FlipsAfter is { } after && !(_alarm <= _now + after))
            Ring(_now + after);
    }

    // As the pool's: one alarm, for the earliest of what it was set to.
    private void Ring(TimeSpan at)
    {
        _alarm = at;
        At(at, () =>
        {
            if (_alarm != at)
                return;
            _alarm = null;
            Serve();
        });
    }

    private void Start()
    {
        _queued--;
        _starting++;
        Containers++;
        At(_now + _start, () =>
        {
            _starting--;
            _idle++;
            _lastingSince = null;
            if (_idle + _busySince.Count > 1)
                _step++;
            Serve();
        });
    }
}
