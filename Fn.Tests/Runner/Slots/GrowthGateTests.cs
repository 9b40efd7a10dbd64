using Fn.Runner.Slots;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>When further containers are held to be of no use, for how long, and what ends that.</summary>
public sealed class GrowthGateTests
{
    private const int Block = GrowthGate.Block;

    private static readonly TimeSpan Run = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly GrowthGate _gate;
    private TimeSpan? _idle;

    // Of the time for which is measured, how much the processors are idle.
    private double _spare;

    public GrowthGateTests() => _gate = new GrowthGate(_time, unjudged: 2, () => _idle);

    [Theory]
    [InlineData(2, 4, 1.0, false)]
    [InlineData(2, 4, 1.4, false)]
    [InlineData(2, 4, 1.6, true)]
    [InlineData(2, 4, 2.0, true)]
    [InlineData(2, 4, 9.0, true)]
    [InlineData(2, 3, 1.2, false)]
    [InlineData(2, 3, 1.4, true)]
    // A half more is the least from which anything is concluded.
    [InlineData(10, 14, 1.4, false)]
    [InlineData(10, 15, 1.5, true)]
    public void Limit_MoreContainersCallsTakeLonger_HoldsWhenTooLittleIsWon(int before, int after, double longer, bool holds)
    {
        Measure(before, Run);
        Assert.False(Holds(before));

        Measure(after, Run * longer);

        Assert.Equal(holds, Holds(after));
        Assert.Equal(holds, _gate.IsSurplus(after, _time.GetTimestamp()));
        Assert.False(_gate.IsSurplus(before, _time.GetTimestamp()));
    }

    [Fact]
    public void Limit_RunsDifferSoMuchThatNothingIsSure_GrowsOn()
    {
        Measure(2, run => Run * (run % 32 == 0 ? 100 : 1));
        Limit(2);

        Measure(4, run => Run * 2 * (run % 32 == 0 ? 100 : 1));

        Assert.True(Limit(4).Most > 0);
        Assert.False(_gate.Holds(_time.GetTimestamp()));
    }

    /// <summary>The same doubt, and nothing left of the processors with which more containers could do more.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(0.05, true)]
    [InlineData(0.15, false)]
    public void Limit_NothingIsSureButThatProcessorsAreBusy_Holds(double spare, bool holds)
    {
        (_idle, _spare) = (TimeSpan.FromHours(1), spare);
        Measure(2, run => Run * (run % 32 == 0 ? 100 : 1));
        Limit(2);

        Measure(4, run => Run * 1.2 * (run % 32 == 0 ? 100 : 1));

        Assert.Equal(holds, Holds(4));
    }

    [Fact]
    public void Limit_SurelyMoreGoesThroughThoughProcessorsAreBusy_GrowsOn()
    {
        _idle = TimeSpan.Zero;
        Measure(2, Run);
        Limit(2);

        Measure(4, Run * 1.4);

        Assert.Equal(2, Limit(4).Most);
    }

    [Fact]
    public void Limit_FewerThanTheUnjudged_AreNeverTooMany()
    {
        Assert.Equal((1, null), Limit(1));
    }

    [Fact]
    public void Limit_Measured_AllowsHalfAsManyMore()
    {
        Measure(6, Run);

        Assert.Equal((3, null), Limit(6));
        Measure(8, Run);
        Assert.Equal((1, null), Limit(8));
    }

    [Fact]
    public void Limit_NotMeasuredYet_WaitsForItAWhile()
    {
        var (most, left) = Limit(2);
        Assert.Equal(0, most);
        Assert.InRange(left!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));

        _time.Advance(left.Value);

        Assert.True(Limit(2).Most > 1000);
    }

    [Fact]
    public void Limit_RunsTakeTooLongToMeasure_DoesNotWait()
    {
        Assert.True(_gate.Limit(2, TimeSpan.FromSeconds(2), null, _time.GetTimestamp()).Most > 1000);
    }

    [Fact]
    public void Limit_HoldEnds_TriesOneMoreAndHoldsTwiceAsLong()
    {
        var first = Held();
        _time.Advance(first);
        Assert.Equal((1, null), Limit(2));
        Assert.Equal((1, null), Limit(2));

        Measure(3, Run * 1.3);

        Assert.Equal((0, first * 2), Limit(3));
        Assert.True(_gate.IsSurplus(3, _time.GetTimestamp()));
    }

    [Fact]
    public void Limit_TheOneMoreHelps_GrowsOn()
    {
        _time.Advance(Held());
        Assert.Equal((1, null), Limit(2));

        Measure(3, Run);

        Assert.Equal((2, null), Limit(3));
        Assert.False(_gate.Holds(_time.GetTimestamp()));
    }

    [Theory]
    [InlineData(0.70, true)]
    // As much goes through, which is no reason to do without one.
    [InlineData(0.75, false)]
    [InlineData(1.00, false)]
    public void Limit_HoldEnds_TriesOneLessAndStaysThereWhenMoreGoesThrough(double longer, bool stays)
    {
        var hold = HeldAtFour();
        _time.Advance(hold);

        Assert.Equal(0, Limit(4).Most);
        Assert.True(_gate.IsSurplus(4, _time.GetTimestamp()));
        Assert.False(_gate.IsSurplus(3, _time.GetTimestamp()));
        Measure(3, Run * longer);

        Assert.Equal(stays ? (0, hold) : (1, hold * 2), Limit(3));
        Assert.Equal(stays, _gate.IsSurplus(4, _time.GetTimestamp()));
    }

    /// <summary>Where the processors have nothing left, a fourth one has to be worth a third of what it could be.</summary>
    [Theory]
    [InlineData(0, 0.80, true)]
    [InlineData(0, 0.86, false)]
    [InlineData(0.15, 0.80, false)]
    public void Limit_OneLessIsTried_StaysThereUnlessMoreAreWorthIt(double spare, double longer, bool stays)
    {
        (_idle, _spare) = (TimeSpan.Zero, spare);
        _time.Advance(HeldAtFour());
        Limit(4);

        Measure(3, Run * longer);

        Assert.Equal(stays ? 0 : 1, Limit(3).Most);
        Assert.Equal(stays, _gate.IsSurplus(4, _time.GetTimestamp()));
    }

    [Fact]
    public void Limit_ACallGoesOnAndOnWhileOneLessIsTried_GrowsUnmeasured()
    {
        _time.Advance(HeldAtFour());

        Assert.Equal((0, TimeSpan.FromMilliseconds(40)), _gate.Limit(4, Run, TimeSpan.FromMilliseconds(60), _time.GetTimestamp()));

        var (_, left) = _gate.Limit(4, Run, TimeSpan.FromMilliseconds(100), _time.GetTimestamp());
        Assert.False(_gate.IsSurplus(4, _time.GetTimestamp()));
        _time.Advance(left ?? TimeSpan.Zero);
        Assert.True(_gate.Limit(4, Run, TimeSpan.FromMilliseconds(600), _time.GetTimestamp()).Most > 1000);
    }

    [Fact]
    public void Limit_NoneGoesWhileOneLessIsTried_HoldsAndTriesOneMoreAfterThat()
    {
        var hold = HeldAtFour();
        _time.Advance(hold);
        Assert.Equal(0, Limit(4).Most);

        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal((0, hold * 2), Limit(4));
        Assert.False(_gate.IsSurplus(4, _time.GetTimestamp()));
        _time.Advance(hold * 2);
        Assert.Equal((1, null), Limit(4));
    }

    [Fact]
    public void Limit_OneLessIsNotEnough_TriesOneMoreAfterThat()
    {
        var hold = HeldAtFour();
        _time.Advance(hold);
        Limit(4);
        Measure(3, Run);
        Limit(3);
        _time.Advance(hold * 2);

        Assert.Equal((1, null), Limit(4));
    }

    [Fact]
    public void IsSurplus_HoldIsOver_IsNone()
    {
        var hold = Held();
        Assert.True(_gate.IsSurplus(3, _time.GetTimestamp()));

        _time.Advance(hold);

        Assert.False(_gate.IsSurplus(3, _time.GetTimestamp()));
    }

    [Fact]
    public void Limit_ContainersWentWhileHeld_AreReplaced()
    {
        Measure(4, Run);
        Limit(4);
        Measure(8, Run * 2);
        Assert.Equal(0, Limit(8).Most);

        Assert.Equal(1, Limit(3).Most);
        Assert.Equal(0, Limit(4).Most);
    }

    [Theory]
    [InlineData(1.5, Block, false)]
    [InlineData(4, Block, true)]
    // A stall of the machine is not a change of the function.
    [InlineData(100, 10, false)]
    public void Limit_MostRunsBecomeLongerWhileHeld_BeginsAnew(double times, int runs, bool tries)
    {
        Held();

        for (var i = 0; i < Block; i++)
            _gate.Ran(2, Run * 2 * (i < runs ? times : 1), _time.GetTimestamp());

        Limit(2);
        Assert.Equal(!tries, _gate.Holds(_time.GetTimestamp()));
    }

    [Fact]
    public void Limit_ACallGoesOnAndOnWhileHeld_GrowsUnmeasured()
    {
        Held();

        Assert.Equal((0, TimeSpan.FromMilliseconds(40)), _gate.Limit(2, Run, TimeSpan.FromMilliseconds(60), _time.GetTimestamp()));

        Assert.True(_gate.Limit(2, Run, TimeSpan.FromMilliseconds(100), _time.GetTimestamp()).Most > 1000);
    }

    /// <summary>What a fast function did says nothing of it once it is slow: many containers of that are not too many.</summary>
    [Fact]
    public void Limit_GrewUnmeasuredSinceItWasMeasured_IsNotComparedWithThat()
    {
        Held();
        for (var i = 0; i < Block; i++)
            _gate.Ran(2, Run * 20, _time.GetTimestamp());
        Assert.True(_gate.Limit(2, Run * 20, null, _time.GetTimestamp()).Most > 1000);

        Measure(40, Run * 20);

        Assert.True(_gate.Limit(40, Run * 20, null, _time.GetTimestamp()).Most > 0);
        Assert.False(_gate.IsSurplus(40, _time.GetTimestamp()));
    }

    /// <summary>Four containers that do no more than two did. Returns for how long they are held.</summary>
    private TimeSpan Held()
    {
        Measure(2, Run);
        Limit(2);
        Measure(4, Run * 2);
        var (most, left) = Limit(4);
        Assert.Equal(0, most);
        return left!.Value;
    }

    /// <summary>Eight containers that do no more than four did. Returns for how long they are held at four, which have been measured again since.</summary>
    private TimeSpan HeldAtFour()
    {
        Measure(4, Run);
        Limit(4);
        Measure(8, Run * 2);
        var hold = Limit(8).For!.Value;
        Measure(4, Run);
        return hold;
    }

    private bool Holds(int ready) => Limit(ready).Most == 0 && _gate.Holds(_time.GetTimestamp());

    private (int Most, TimeSpan? For) Limit(int ready) => _gate.Limit(ready, TimeSpan.FromTicks(1), TimeSpan.FromTicks(1), _time.GetTimestamp());

    private void Measure(int ready, TimeSpan run) => Measure(ready, _ => run);

    private void Measure(int ready, Func<int, TimeSpan> run)
    {
        var step = GrowthGate.Window / (GrowthGate.Sample - 1) + TimeSpan.FromTicks(1);
        for (var i = 0; i < GrowthGate.Sample; i++)
        {
            _gate.Ran(ready, run(i), _time.GetTimestamp());
            _time.Advance(step);
            _idle += step * _spare;
        }
    }
}
