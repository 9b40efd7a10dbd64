using Fn.Runner.Containers;
using Fn.Runner.Drivers;

namespace Fn.Runner.Slots;

/// <summary>What a pool has learnt of its function: how long a run takes and how long a start. Used under the pool's lock.</summary>
internal sealed class PoolStatistics(IContainerDriver driver, IFunctionFormat format, DriverStarts driverStarts)
{
    /// <summary>A first start that takes more than so many times what is usual was a long first run, not a slow start.</summary>
    private const int Unlikely = 10;

    /// <summary>Whether a first exchange is the end of a start. Not where the container serves one call: its start and its run are never told apart.</summary>
    private readonly bool _startEndsWithExchange = !format.HasReadySignal && !format.OneCall;

    private DecayedMean _service;
    private DecayedMean _launch;
    private TimeSpan? _start;
    private TimeSpan _firstRun;

    /// <summary>Decayed mean of finished runs; null before the first that can be told from a start.</summary>
    public TimeSpan? Service => _service.Value ?? (_firstRun > Start ? _firstRun : null);

    /// <summary>What a start is expected to take, from its grant on.</summary>
    public TimeSpan Start => Max((_startEndsWithExchange ? _start : _launch.Value) ?? driverStarts.Mean(driver), _launch.Value ?? TimeSpan.Zero);

    /// <summary>A container became ready (or, without a ready signal, was running).</summary>
    public void Launched(TimeSpan took)
    {
        _launch.Add(took);
        if (format.HasReadySignal)
            driverStarts.Add(driver, took);
    }

    /// <summary>A call gave its slot back.</summary>
    /// <param name="first">Whether it got a container whose start was not yet over.</param>
    /// <param name="ran">From slot to end.</param>
    /// <param name="sinceGranted">From the grant of the container's start to this end.</param>
    public void Ran(bool first, TimeSpan ran, TimeSpan sinceGranted)
    {
        if (!first || !_startEndsWithExchange)
        {
            _service.Add(ran);
            return;
        }
        // Without a ready signal the first exchange holds the rest of the start and one run, which is taken out once runs are known.
        LearnStart(Max(sinceGranted - (_service.Value ?? TimeSpan.Zero), TimeSpan.Zero));
        if (!_service.HasValue)
            _firstRun = sinceGranted - Start;
    }

    /// <summary>A start takes no longer than any exchange that contained it: short samples count at once, long ones little.</summary>
    private void LearnStart(TimeSpan sample)
    {
        _start = _start is not { } known ? Min(sample, driverStarts.Mean(driver) * Unlikely)
            : sample <= known ? sample
            : known + (Min(sample, known * 2) - known) * 0.2;
        driverStarts.Add(driver, _start.Value);
    }

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
