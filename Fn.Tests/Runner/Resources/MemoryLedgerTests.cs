using Fn.Runner.Resources;
using Xunit;

namespace Fn.Tests.Runner.Resources;

public sealed class MemoryLedgerTests
{
    private readonly MemoryLedger _ledger = new(100);

    [Theory]
    [InlineData(0, true)]
    [InlineData(40, true)]
    [InlineData(41, false)]
    [InlineData(long.MaxValue, false)]
    public void TryReserve_SixtyOf100Taken_GivesWhatIsFree(long bytes, bool given)
    {
        _ledger.TryReserve(60);

        var reservation = _ledger.TryReserve(bytes);

        Assert.Equal(given, reservation is not null);
        Assert.Equal(given ? bytes : null, reservation?.Bytes);
        Assert.Equal(given ? 60 + bytes : 60, _ledger.Reserved);
        Assert.Equal(100, _ledger.Free + _ledger.Reserved);
    }

    [Fact]
    public void TryReserve_Negative_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => _ledger.TryReserve(-1));

    [Fact]
    public void Dispose_Twice_FreesOnce()
    {
        var kept = _ledger.TryReserve(60)!;
        var given = _ledger.TryReserve(40)!;

        given.Dispose();
        given.Dispose();

        Assert.Equal(60, _ledger.Reserved);
        kept.Dispose();
        Assert.Equal(0, _ledger.Reserved);
    }

    [Theory]
    [InlineData(70, 70)]
    [InlineData(50, 50)]
    [InlineData(0, 0)]
    public void Merge_PartsCoverIt_IsOneReservationAndTheRestIsFree(long bytes, long reserved)
    {
        MemoryReservation[] parts = [_ledger.TryReserve(10)!, _ledger.TryReserve(60)!];

        var merged = _ledger.Merge(bytes, parts);

        Assert.Equal(bytes, merged.Bytes);
        Assert.Equal(reserved, _ledger.Reserved);

        // The parts are spent.
        foreach (var part in parts)
            part.Dispose();
        Assert.Equal(reserved, _ledger.Reserved);
        merged.Dispose();
        Assert.Equal(0, _ledger.Reserved);
    }

    [Fact]
    public void Merge_PartWasGivenBackBefore_CountsNothing()
    {
        var spent = _ledger.TryReserve(50)!;
        spent.Dispose();

        _ledger.Merge(30, [spent, _ledger.TryReserve(30)!]);

        Assert.Equal(30, _ledger.Reserved);
    }

    [Fact]
    public void TryReserve_ManyThreads_NeverGivesMoreThanThereIs()
    {
        var held = 0L;
        var most = 0L;
        var given = 0;
        var threads = Enumerable.Range(1, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 20_000; i++)
            {
                var bytes = random.Next(1, 60);
                if (_ledger.TryReserve(bytes) is not { } reservation)
                    continue;
                Interlocked.Increment(ref given);
                InterlockedMax(ref most, Interlocked.Add(ref held, bytes));
                if (i % 3 == 0)
                    reservation = _ledger.Merge(bytes, [reservation]);
                Interlocked.Add(ref held, -bytes);
                reservation.Dispose();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.InRange(most, 1, 100);
        Assert.True(given > 20_000, $"Only {given} reservations.");
        Assert.Equal(0, _ledger.Reserved);
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
            seen = Interlocked.CompareExchange(ref most, value, seen);
    }
}
