using Fn.Runner.Slots;

namespace Fn.Tests.Runner.Slots;

/// <summary>
/// A pool reduced to what the launch rule sees, run on made-up time: calls come and run for so long, starts take 560 ms and two are under way at once. No
/// two things happen at one instant, for every event has its place in the queue.
/// </summary>
internal sealed class LaunchSimulation
{
    public static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(560);

    private const int StartsAtOnce = 2;

    private readonly PriorityQueue<Action, (TimeSpan At, int Order)> _events = new();
    private readonly Queue<(TimeSpan Arrived, TimeSpan Runs)> _waiting = new();
    private readonly List<TimeSpan> _busySince = [];

    private TimeSpan _now;
    private DecayedMean _service;
    private int _order;
    private int _idle;
    private int _queued;
    private int _starting;
    private int _step = 1;

    /// <summary>Containers started.</summary>
    public int Containers { get; private set; }

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

    public LaunchSimulation Run()
    {
        while (_events.TryDequeue(out var happens, out var when))
        {
            _now = when.At;
            happens();
        }
        return this;
    }

    private void At(TimeSpan at, Action happens) => _events.Enqueue(happens, (at, _order++));

    private void Serve()
    {
        while (_idle > 0 && _waiting.TryDequeue(out var call))
        {
            _idle--;
            Waits.Add(_now - call.Arrived);
            var since = _now;
            _busySince.Add(since);
            At(_now + call.Runs, () =>
            {
                _busySince.Remove(since);
                _service.Add(call.Runs);
                _idle++;
                Serve();
            });
        }
        Decide();
        while (_queued > 0 && _starting < StartsAtOnce)
            Start();
    }

    private void Decide()
    {
        if (_waiting.Count == 0)
            _step = 1;
        _queued = Math.Min(_queued, _waiting.Count);
        var ahead = Math.Max(0, _queued + _starting - StartsAtOnce + 1);
        var decision = LaunchRule.Decide(new LaunchSnapshot
        {
            Waiting = _waiting.Count,
            Ready = _idle + _busySince.Count,
            Starting = _queued + _starting,
            Service = _service.Value,
            OldestRunning = _busySince.Count > 0 ? _now - _busySince.Min() : null,
            Start = StartTime * (1 + (double)ahead / StartsAtOnce),
            Step = _step,
            Max = null,
        });
        _queued += decision.Start;
        if (decision.FlipsAfter is { } after)
            At(_now + after, Serve);
    }

    private void Start()
    {
        _queued--;
        _starting++;
        Containers++;
        At(_now + StartTime, () =>
        {
            _starting--;
            _idle++;
            if (_idle + _busySince.Count > 1)
                _step++;
            Serve();
        });
    }
}
