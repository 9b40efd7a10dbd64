using Fn.Api.Placement;
using Xunit;

namespace Fn.Tests.Api.Placement;

public sealed class PlacementPolicyTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Hot_SeveralIdle_IsTheMostRecentlyUsed() =>
        Assert.Equal(2, PlacementPolicy.Hot([Pool(idle: 1, usedAt: 5), Pool(idle: 0, usedAt: 9), Pool(idle: 1, usedAt: 7), Pool(idle: 3, usedAt: 6)]));

    [Fact]
    public void Hot_NoneIdle_IsNone() => Assert.Equal(-1, PlacementPolicy.Hot([Pool(idle: 0, ready: 3), default]));

    [Theory]
    // Queue of so many calls of 5 ms on one container, where a start takes 100 ms: up to 20 waits are shorter than a start.
    [InlineData(0, 5, 100, true)]
    [InlineData(19, 5, 100, true)]
    [InlineData(20, 5, 100, false)]
    // A slow function: waiting for even one call takes longer.
    [InlineData(0, 2000, 560, false)]
    // As long as a start: waiting costs nothing more and saves a container.
    [InlineData(0, 100, 100, true)]
    public void LineUp_BusyContainer_OnlyIfQuickerThanAStart(int queued, int serviceMs, int startMs, bool expected) =>
        Assert.Equal(expected ? 0 : -1, PlacementPolicy.LineUp([Pool(ready: 1, queued: queued, serviceMs: serviceMs, startMs: startMs)]));

    [Fact]
    public void LineUp_FirstContainerStillStarts_HerdWaitsForIt() =>
        Assert.Equal(0, PlacementPolicy.LineUp([Pool(starting: 1, queued: 500, serviceMs: 100, startMs: 100)]));

    [Fact]
    public void LineUp_Several_IsTheShortestWait() => Assert.Equal(1, PlacementPolicy.LineUp([Pool(ready: 1, queued: 4), Pool(ready: 2, queued: 5), Pool(ready: 1, queued: 3)]));

    [Fact]
    public void LineUp_NothingThere_IsNone() => Assert.Equal(-1, PlacementPolicy.LineUp([default, default]));

    [Fact]
    public void Free_AllFree_IsTheFavourite() => Assert.Equal(1, PlacementPolicy.Free([Runner(weight: 1), Runner(weight: 9), Runner(weight: 5)], 64 * MiB));

    [Fact]
    public void Free_FavouriteIsFull_IsTheNext() =>
        Assert.Equal(2, PlacementPolicy.Free([Runner(weight: 1), Runner(weight: 9, reserved: 224), Runner(weight: 5, reserved: 100)], 64 * MiB));

    [Fact]
    public void Free_FavouriteIsBeyondTheBound_IsPassedBy() =>
        Assert.Equal(0, PlacementPolicy.Free([Runner(weight: 1, reserved: 64), Runner(weight: 9, reserved: 128), Runner(weight: 0, reserved: 64)], 64 * MiB));

    [Fact]
    public void Free_LittleLoad_FavouriteIsNeverPassedBy() =>
        Assert.Equal(1, PlacementPolicy.Free([Runner(weight: 1), Runner(weight: 9, reserved: 64), Runner(weight: 5)], 64 * MiB));

    [Fact]
    public void Free_FavouriteHasAllStartsUnderWay_IsPassedBy() =>
        Assert.Equal(0, PlacementPolicy.Free([Runner(weight: 1), Runner(weight: 9, starting: 4)], 64 * MiB));

    [Fact]
    public void Free_AllAreBeyondTheirBounds_IsTheFavouriteAfterAll() =>
        Assert.Equal(1, PlacementPolicy.Free([Runner(weight: 1, starting: 4), Runner(weight: 9, starting: 5)], 64 * MiB));

    [Fact]
    public void Free_NotAskable_IsPassedBy() => Assert.Equal(0, PlacementPolicy.Free([Runner(weight: 1), Runner(weight: 9) with { Askable = false }], 64 * MiB));

    [Fact]
    public void Free_UnknownRunners_MayHaveRoom() =>
        Assert.Equal(1, PlacementPolicy.Free([Runner(weight: 1, reserved: 250), new RunnerSight { Weight = 0, Askable = true, Reports = false }], 64 * MiB));

    [Fact]
    public void Free_NobodyHasRoom_IsNone() => Assert.Equal(-1, PlacementPolicy.Free([Runner(reserved: 200), Runner(reserved: 250)], 64 * MiB));

    [Fact]
    public void Free_RunnersComeAndGo_FunctionsStayWhereTheyWere()
    {
        string[] names = [.. Enumerable.Range(0, 10).Select(i => $"http://10.0.0.{i}:8081")];
        var moved = 0;
        for (var function = 0; function < 1000; function++)
        {
            var before = Favourite(function, names[..9]);
            var after = Favourite(function, names);
            // A new runner takes functions from the others, and nothing else moves.
            Assert.True(after == before || after == 9);
            moved += after == 9 ? 1 : 0;
        }
        Assert.InRange(moved, 50, 150);

        static int Favourite(int function, string[] names) =>
            PlacementPolicy.Free([.. names.Select(name => Runner(Rendezvous.Weight(Rendezvous.Hash($"f{function}"), Rendezvous.Hash(name))))], 64 * MiB);
    }

    [Fact]
    public void Victim_Several_HoldsTheOldestIdleContainerOfAll() =>
        Assert.Equal(1, PlacementPolicy.Victim([Runner(reserved: 256, idle: 64, oldest: 50), Runner(reserved: 256, idle: 64, oldest: 40), Runner(reserved: 256)], 64 * MiB));

    [Fact]
    public void Victim_IdleIsTooSmall_IsPassedBy() =>
        Assert.Equal(0, PlacementPolicy.Victim([Runner(reserved: 256, idle: 128, oldest: 50), Runner(reserved: 256, idle: 64, oldest: 40)], 128 * MiB));

    [Fact]
    public void Victim_NoneIdle_IsNone() => Assert.Equal(-1, PlacementPolicy.Victim([Runner(reserved: 256), Runner(reserved: 256)], 64 * MiB));

    [Fact]
    public void ShortestWait_Busy_IsEvenIfAStartWereQuicker() =>
        Assert.Equal(1, PlacementPolicy.ShortestWait([Pool(ready: 1, queued: 9, serviceMs: 2000), Pool(ready: 1, queued: 3, serviceMs: 2000), default]));

    [Fact]
    public void ShortestQueue_Equals_IsTheFavourite() => Assert.Equal(1, PlacementPolicy.ShortestQueue([Runner(weight: 1), Runner(weight: 9), Runner(weight: 99, queued: 1)], 64 * MiB));

    [Fact]
    public void ShortestQueue_TooSmallForTheContainer_IsNone() => Assert.Equal(-1, PlacementPolicy.ShortestQueue([Runner(), Runner()], 512 * MiB));

    private static PoolSight Pool(int idle = 0, int ready = 0, int starting = 0, int queued = 0, int serviceMs = 5, int startMs = 100, long usedAt = 0) => new()
    {
        Idle = idle,
        Ready = Math.Max(idle, ready),
        Starting = starting,
        Queued = queued,
        Service = TimeSpan.FromMilliseconds(serviceMs),
        Start = TimeSpan.FromMilliseconds(startMs),
        UsedAt = usedAt,
    };

    private static RunnerSight Runner(ulong weight = 0, long reserved = 0, long idle = 0, long oldest = long.MaxValue, int starting = 0, int queued = 0) => new()
    {
        Weight = weight,
        Askable = true,
        Reports = true,
        Memory = 256 * MiB,
        Reserved = reserved * MiB,
        IdleMemory = idle * MiB,
        OldestIdle = oldest,
        Starting = starting,
        MaxStarts = 4,
        Queued = queued,
    };
}
