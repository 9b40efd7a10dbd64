namespace Fn.Runner.Slots;

/// <summary>
/// Holds a function at the containers that help. When the last ones have not made its calls go through faster, they share something, the processors most often,
/// and with more of them each call only takes longer: those are to go again. Judged by what was measured while calls waited, and tried again later, with a
/// few more or fewer. What a measurement leaves open speaks for more containers while the processors have something left for them, and against them when
/// they have nothing. Used under the pool's lock (docs/adr/0002).
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="unjudged">So many containers are never too many.</param>
/// <param name="idle">For how long each processor has been idle, all in all; null: nobody knows.</param>
internal sealed class GrowthGate(TimeProvider time, int unjudged, Func<TimeSpan?> idle)
{
    /// <summary>So many for each processor are never too many: while one's answer travels and its next call comes, a processor has others to run.</summary>
    public const int UnjudgedPerProcessor = 4;

    /// <summary>Runs, at least, by which it is measured what a number of containers does.</summary>
    public const int Sample = 256;

    /// <summary>Runs by which it is noticed that the function has become another one.</summary>
    public const int Block = 64;

    /// <summary>How long is measured at least: less would say more of the machine's hiccups than of the function.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200);

    /// <summary>How long containers are not started because it is being measured. Functions of which that takes longer grow unmeasured.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastHold = TimeSpan.FromMinutes(5);

    /// <summary>A call that has been running for so many times the usual, and that anybody would notice, may be the first of many.</summary>
    private const int Stuck = 10;

    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(100);

    /// <summary>Processors that are idle for less of the time have nothing left.</summary>
    private const double Spare = 0.1;

    /// <summary>A function has become another one when most of its runs take so many times the usual.</summary>
    private const int Change = 3;

    // What is being measured with so many containers, and what the last window came to.
    private int _ready;
    private int _runs;
    private double _ticks;
    private double _squares;
    private long _since;
    private TimeSpan? _idleBefore;
    private Measured? _measured;
    private long? _waitingSince;

    // What was measured with fewer of them; while it is held, with those that help.
    private Measured? _before;

    // Until when it is held, for how long in all, what a run took when that began; and what is being tried after it, or will be.
    private long? _heldUntil;
    private TimeSpan _hold;
    private TimeSpan _usual;
    private int _blockRuns;
    private int _blockSlow;
    private bool _changed;
    private Trial _trial;
    private Trial _next;
    private long _triedSince;

    /// <summary>Whether further containers have been found to be of no use.</summary>
    public bool Holds(long now) => _heldUntil is { } until && time.GetElapsedTime(now, until) > TimeSpan.Zero;

    /// <summary>Whether one of so many containers is to go.</summary>
    public bool IsSurplus(int ready, long now) => _trial == Trial.Fewer ? ready > Tried : Holds(now) && ready > Helping;

    /// <summary>A call gave its slot back while others waited for one.</summary>
    /// <param name="ready">Containers that were ready.</param>
    /// <param name="ran">From slot to end.</param>
    /// <param name="now">The time.</param>
    public void Ran(int ready, TimeSpan ran, long now)
    {
        Measure(ready);
        if (_runs++ == 0)
            (_since, _idleBefore) = (now, idle());
        _ticks += ran.Ticks;
        _squares += (double)ran.Ticks * ran.Ticks;
        if (_runs >= Sample && time.GetElapsedTime(_since, now) is var window && window >= Window)
        {
            var isBusy = idle() - _idleBefore < window * Spare;
            (_measured, _runs, _ticks, _squares) = (Measured.Of(ready, isBusy, _runs, _ticks, _squares), 0, 0, 0);
        }
        if (_heldUntil is null)
            return;
        _blockSlow += ran > Change * _usual ? 1 : 0;
        if (++_blockRuns < Block)
            return;
        (_changed, _blockRuns, _blockSlow) = (_changed || _blockSlow * 2 > Block, 0, 0);
    }

    /// <summary>How many containers may be on their way, and, if that is less than there might be, for how long at most.</summary>
    /// <param name="ready">Containers that are ready.</param>
    /// <param name="service">What a run takes.</param>
    /// <param name="oldestRunning">Age of the oldest running call; null: none runs.</param>
    /// <param name="now">The time.</param>
    public (int Most, TimeSpan? For) Limit(int ready, TimeSpan service, TimeSpan? oldestRunning, long now)
    {
        if (ready < unjudged)
            return (unjudged - ready, null);
        Measure(ready);
        var stuck = Max(Stuck * _usual, Noticeable);
        if (_heldUntil is { } until)
        {
            var left = time.GetElapsedTime(now, until);
            var isAnother = _changed || oldestRunning >= stuck;
            if (left > TimeSpan.Zero && !isAnother)
                return (Math.Max(0, Helping - ready), oldestRunning is { } age ? Min(left, stuck - age) : left);
            _heldUntil = null;
            if (isAnother)
                Forget();
            else
                Try(ready, now);
        }
        if (_trial != Trial.None && ready < Tried)
            return (Tried - ready, null);
        if (_trial == Trial.Fewer && ready > Tried && UntilFewer(stuck, oldestRunning, now) is { } wait)
            return (0, wait);
        return _measured is { } measured ? Judge(measured, now) : Measuring(ready, Max(service, oldestRunning ?? default), now);
    }

    private int Helping => _before!.Value.Ready;

    private int Tried => _trial == Trial.Fewer ? Math.Max(unjudged, Helping - Few) : Helping + Few;

    private int Few => Math.Max(1, Helping / 4);

    private void Try(int ready, long now)
    {
        _trial = Trial.More;
        // By what they do today.
        if (_measured is not { } today || ready != Helping)
            return;
        _before = today;
        (_trial, _triedSince) = (Helping > unjudged ? _next : Trial.More, now);
    }

    /// <summary>How long nothing is started because one of them goes when its call ends; null: no call ends.</summary>
    private TimeSpan? UntilFewer(TimeSpan stuck, TimeSpan? oldestRunning, long now)
    {
        if (oldestRunning >= stuck)
        {
            Forget();
            return null;
        }
        var left = Patience - time.GetElapsedTime(_triedSince, now);
        if (left > TimeSpan.Zero)
            return oldestRunning is { } age ? Min(left, stuck - age) : left;
        // There have to be so many of them: that is the floor.
        return Hold(_hold * 2, _usual, Trial.More, now);
    }

    private (int, TimeSpan?) Measuring(int ready, TimeSpan service, long now)
    {
        _waitingSince ??= now;
        var left = Patience - time.GetElapsedTime(_waitingSince.Value, now);
        if (left > TimeSpan.Zero && service * (Sample - _runs) <= left * ready)
            return (0, left);
        Forget();
        return (int.MaxValue, null);
    }

    private (int, TimeSpan?) Judge(in Measured measured, long now)
    {
        var ready = measured.Ready;
        if (_trial == Trial.Fewer)
            return JudgeFewer(measured, now);
        if (_before is not { } before || ready <= before.Ready)
            _before = before = measured;
        var next = before.Ready + (before.Ready + 1) / 2;
        if (_trial == Trial.None && ready < next)
            return (next - ready, null);
        // Of what so many more containers could do, a third at least; more where the last ones have been of no use.
        if (measured.GainOver(before, measured.IsBusy) < measured.HopedOver(before) * (_trial == Trial.More ? 2 : 1) / 3)
            return (0, Hold(_hold * 2, measured.Mean, Trial.Fewer, now));
        _before = measured;
        (_hold, _trial) = (_hold / 4, Trial.None);
        return ((ready + 1) / 2, null);
    }

    /// <summary>
    /// Fewer are enough when the others certainly made nothing faster. They were measured when the function, or the machine, was another one. Where the
    /// processors have nothing left, the others have to be worth what would be asked of them if they were new.
    /// </summary>
    private (int, TimeSpan?) JudgeFewer(in Measured fewer, long now)
    {
        var more = _before!.Value;
        if (more.GainOver(fewer, fewer.IsBusy) >= (fewer.IsBusy ? more.HopedOver(fewer) / 3 : 0))
            return (Helping - fewer.Ready, Hold(_hold * 2, fewer.Mean, Trial.More, now));
        _before = fewer;
        return (0, Hold(FirstHold, fewer.Mean, Trial.Fewer, now));
    }

    private TimeSpan Hold(TimeSpan hold, TimeSpan usual, Trial next, long now)
    {
        _hold = Min(Max(hold, FirstHold), LastHold);
        (_heldUntil, _usual, _trial, _next) = (time.Add(now, _hold), usual, Trial.None, next);
        (_changed, _blockRuns, _blockSlow) = (false, 0, 0);
        return _hold;
    }

    private void Measure(int ready)
    {
        if (ready != _ready)
            Measure(ready, waitingSince: null);
    }

    private void Measure(int ready, long? waitingSince) =>
        (_ready, _runs, _ticks, _squares, _measured, _waitingSince) = (ready, 0, 0, 0, null, waitingSince);

    /// <summary>What was measured before says nothing of what comes: the function has become another one, or has grown without being measured.</summary>
    private void Forget()
    {
        (_before, _trial) = (null, Trial.None);
        Measure(_ready, _waitingSince);
    }

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;

    /// <summary>What is tried after a hold.</summary>
    private enum Trial
    {
        None,
        More,
        Fewer,
    }

    /// <summary>What a number of containers does.</summary>
    /// <param name="Ready">How many.</param>
    /// <param name="IsBusy">Whether the processors had nothing left.</param>
    /// <param name="Mean">What a run takes.</param>
    /// <param name="Error">By how much of it that may be wrong, as runs differ.</param>
    private readonly record struct Measured(int Ready, bool IsBusy, TimeSpan Mean, double Error)
    {
        /// <summary>How sure it has to be that containers do not help, or that they do, in standard errors.</summary>
        private const double Sure = 2;

        private double Rate => Ready / (double)Math.Max(1, Mean.Ticks);

        public static Measured Of(int ready, bool isBusy, int runs, double ticks, double squares)
        {
            var mean = ticks / runs;
            var deviation = Math.Sqrt(Math.Max(0, squares / runs - mean * mean));
            return new Measured(ready, isBusy, TimeSpan.FromTicks((long)mean), deviation / Math.Max(1, mean) / Math.Sqrt(runs));
        }

        /// <summary>How much more goes through than with fewer: 1 is twice as much.</summary>
        /// <param name="fewer">What was measured with fewer.</param>
        /// <param name="atLeast">So much at least; else at best.</param>
        public double GainOver(in Measured fewer, bool atLeast)
        {
            var doubt = 1 + Sure * Math.Sqrt(Error * Error + fewer.Error * fewer.Error);
            return Rate / fewer.Rate * (atLeast ? 1 / doubt : doubt) - 1;
        }

        /// <summary>How much more could go through than with fewer.</summary>
        public double HopedOver(in Measured fewer) => (double)Ready / fewer.Ready - 1;
    }
}
