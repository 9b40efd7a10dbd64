using Fn.ServiceDefaults.Telemetry;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

public sealed class MeasurementBatchTests
{
    [Fact]
    public void Add_FewerThanABatch_AreToldByAFlushOnceAndInTheirOrder()
    {
        var told = new List<int>();
        var batch = new MeasurementBatch<int>(told.Add);
        for (var i = 0; i < 5; i++)
            batch.Add(i);
        Assert.Empty(told);

        batch.Flush();
        batch.Flush();

        Assert.Equal(Enumerable.Range(0, 5), told);
    }

    [Fact]
    public void Add_TheLastOfABatch_TellsAllOfIt()
    {
        var told = new List<int>();
        var batch = new MeasurementBatch<int>(told.Add);

        for (var i = 0; i < MeasurementBatch<int>.Size * 2 + 1; i++)
            batch.Add(i);

        Assert.Equal(Enumerable.Range(0, MeasurementBatch<int>.Size * 2), told);
    }

    [Fact]
    public async Task Flush_WhileManyAdd_TellsEachOnceAndAllThatWereAddedBefore()
    {
        const int Adders = 4;
        const int Each = 20_000;
        var told = new int[Adders * Each];
        var batch = new MeasurementBatch<int>(i => told[i]++);
        var added = new int[Adders];

        var adders = Enumerable.Range(0, Adders).Select(adder => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                batch.Add(adder * Each + i);
                Volatile.Write(ref added[adder], i + 1);
            }
        })).ToList();
        while (adders.Any(adder => !adder.IsCompleted))
        {
            var before = added.Select((_, adder) => Volatile.Read(ref added[adder])).ToList();
            batch.Flush();
            for (var adder = 0; adder < Adders; adder++)
                Assert.True(before[adder] == 0 || Volatile.Read(ref told[adder * Each + before[adder] - 1]) == 1);
        }
        await Task.WhenAll(adders);
        batch.Flush();

        Assert.All(told, times => Assert.Equal(1, times));
    }
}
