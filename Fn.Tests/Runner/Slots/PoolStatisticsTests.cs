using Fn.Runner.Slots;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Slots;

public sealed class PoolStatisticsTests
{
    private readonly FakeContainerDriver _driver = new() { TypicalStart = Ms(400) };
    private readonly DriverStarts _starts = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Start_NothingKnown_IsWhatTheDriverUsuallyTakes(bool hasReadySignal)
    {
        var statistics = New(hasReadySignal);

        Assert.Null(statistics.Service);
        Assert.Equal(Ms(400), statistics.Start);
    }

    [Fact]
    public void Start_OtherFunctionsWereStarted_IsTheDriversMean()
    {
        New().Launched(Ms(100));
        New().Launched(Ms(200));

        Assert.Equal(Ms(120), New().Start);
    }

    [Fact]
    public void Launched_WithReadySignal_IsTheStart()
    {
        var statistics = New();
        statistics.Launched(Ms(100));
        statistics.Launched(Ms(150));
        New().Launched(Ms(5000));

        Assert.Equal(Ms(110), statistics.Start);
    }

    [Fact]
    public void Ran_WithReadySignal_EachRunCountsFromTheFirst()
    {
        var statistics = New();
        statistics.Ran(first: true, Ms(10), sinceGranted: Ms(700));
        Assert.Equal(Ms(10), statistics.Service);

        statistics.Ran(first: false, Ms(20), sinceGranted: Ms(9000));
        Assert.Equal(Ms(12), statistics.Service);
        Assert.Equal(Ms(400), statistics.Start);
    }

    [Theory]
    // A start takes no longer than the exchange that contained it …
    [InlineData(new[] { 300.0 }, 300.0)]
    // … but an exchange of ten times what is usual was a long run.
    [InlineData(new[] { 60_000.0 }, 4000.0)]
    // A shorter one counts at once, a longer one a fifth, and no more than twice what is known.
    [InlineData(new[] { 300.0, 200.0 }, 200.0)]
    [InlineData(new[] { 300.0, 400.0 }, 320.0)]
    [InlineData(new[] { 300.0, 60_000.0 }, 360.0)]
    [InlineData(new[] { 300.0, 60_000.0, 250.0 }, 250.0)]
    public void Ran_FirstExchangesWithoutReadySignal_TeachTheStart(double[] firstExchanges, double expected)
    {
        var statistics = New(hasReadySignal: false);
        foreach (var exchange in firstExchanges)
        {
            statistics.Launched(Ms(2));
            statistics.Ran(first: true, Ms(exchange - 2), sinceGranted: Ms(exchange));
        }

        Assert.Equal(Ms(expected), statistics.Start);
    }

    [Fact]
    public void Ran_LongFirstExchangeWithoutReadySignal_TheRestIsTakenForARun()
    {
        var statistics = New(hasReadySignal: false);
        statistics.Ran(first: true, Ms(59_990), sinceGranted: Ms(60_000));
        Assert.Equal(Ms(56_000), statistics.Service);

        statistics.Ran(first: false, Ms(5), sinceGranted: Ms(61_000));
        Assert.Equal(Ms(5), statistics.Service);
    }

    [Fact]
    public void Ran_ShortFirstExchangeWithoutReadySignal_TellsNothingOfRuns()
    {
        var statistics = New(hasReadySignal: false);
        statistics.Ran(first: true, Ms(290), sinceGranted: Ms(300));

        Assert.Null(statistics.Service);
    }

    [Fact]
    public void Ran_FirstExchangeOnceRunsAreKnown_TheRunIsTakenOut()
    {
        var statistics = New(hasReadySignal: false);
        statistics.Ran(first: true, Ms(290), sinceGranted: Ms(300));
        statistics.Ran(first: false, Ms(100), sinceGranted: Ms(1000));
        statistics.Ran(first: true, Ms(290), sinceGranted: Ms(300));

        Assert.Equal(Ms(200), statistics.Start);
        Assert.Equal(Ms(100), statistics.Service);
    }

    [Fact]
    public void Launched_WithoutReadySignal_IsTheLeastAStartTakes()
    {
        var statistics = New(hasReadySignal: false);
        statistics.Launched(Ms(900));
        Assert.Equal(Ms(900), statistics.Start);

        // It says nothing of other functions: what it leaves out differs from one to the other.
        Assert.Equal(Ms(400), New().Start);
    }

    [Fact]
    public void Ran_ContainersThatServeOneCall_RunsAreRunsAndStartsEndWhenTheyRun()
    {
        var statistics = New(hasReadySignal: false, oneCall: true);
        statistics.Launched(Ms(300));
        statistics.Ran(first: true, Ms(2000), sinceGranted: Ms(2300));

        Assert.Equal(Ms(300), statistics.Start);
        Assert.Equal(Ms(2000), statistics.Service);
        Assert.Equal(Ms(400), New().Start);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private PoolStatistics New(bool hasReadySignal = true, bool oneCall = false) => new(_driver, new FakeFormat("any", oneCall, hasReadySignal), _starts);
}
