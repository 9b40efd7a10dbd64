using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.History;

public sealed class CallStoreTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Add_MoreThanAFunctionMayHave_KeepsTheLatestAndTheNotable()
    {
        var store = new CallStore(new HistoryOptions { MaxCallsPerFunction = 3 }, _time);
        store.Add(CallRecords.Make(0, cold: true));
        store.Add(CallRecords.Make(1, error: CallError.FunctionTimedOut));
        for (var i = 2; i < 100; i++)
            store.Add(CallRecords.Make(i));

        Assert.Equal(["call000099", "call000098", "call000097", "call000001", "call000000"], Ids(store, new CallFilter("f")));
        Assert.False(store.TryGet("call000050", out _));
    }

    [Fact]
    public void Admit_MoreInASecondThanAFunctionMayHave_TakesTheFirstOfThemAndTheNotable()
    {
        var store = new CallStore(new HistoryOptions { MaxCallsPerFunction = 3 }, _time);
        var ordinary = new CountedCall("f", Cold: false, Failed: false, Start: 0, ToHeaders: 1);

        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => store.Admit(ordinary)));
        Assert.True(store.Admit(ordinary with { FunctionId = "g" }));
        Assert.True(store.Admit(ordinary with { Cold = true }));
        Assert.True(store.Admit(ordinary with { Failed = true }));
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(store.Admit(ordinary));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(store.Admit(ordinary));
    }

    [Fact]
    public void Add_MoreThanAreKept_DropsTheOldestOfAll()
    {
        var store = new CallStore(new HistoryOptions { MaxCalls = 4 }, _time);
        for (var i = 0; i < 10; i++)
            store.Add(CallRecords.Make(i, functionId: i % 2 == 0 ? "even" : "odd"));

        Assert.Equal(4, store.Count);
        Assert.Equal(["call000008", "call000006"], Ids(store, new CallFilter("even")));
        Assert.Equal(["call000009", "call000008", "call000007", "call000006"], Ids(store, new CallFilter()));
    }

    [Fact]
    public void TryGet_LongerAgoThanKept_IsNotThere()
    {
        var store = new CallStore(new HistoryOptions { Keep = TimeSpan.FromMinutes(1) }, _time);
        store.Add(CallRecords.Make(1));
        _time.Advance(TimeSpan.FromSeconds(40));
        store.Add(CallRecords.Make(2));
        _time.Advance(TimeSpan.FromSeconds(40));

        Assert.False(store.TryGet("call000001", out _));
        Assert.True(store.TryGet("call000002", out _));
    }

    [Fact]
    public void Add_SameCallTwice_KeepsOne()
    {
        var store = new CallStore(new HistoryOptions(), _time);

        Assert.True(store.Add(CallRecords.Make(1)));
        Assert.False(store.Add(CallRecords.Make(1)));
        Assert.Equal(1, store.Count);
    }

    [Theory]
    [InlineData(null, null, "5 4 3 2 1 0")]
    [InlineData(true, null, "3 0")]
    [InlineData(false, null, "5 4 2 1")]
    [InlineData(null, true, "4 3")]
    [InlineData(null, false, "5 2 1 0")]
    [InlineData(true, true, "3")]
    public void Find_Filtered_IsNewestFirst(bool? cold, bool? failed, string expected)
    {
        var store = new CallStore(new HistoryOptions(), _time);
        // Out of order, as other gateways tell.
        foreach (var i in (int[])[2, 0, 1, 5, 4, 3])
            store.Add(CallRecords.Make(i, cold: i % 3 == 0, error: i is 3 or 4 ? CallError.FunctionFailed : null));

        Assert.Equal(expected, string.Join(' ', Ids(store, new CallFilter("f", cold, failed)).Select(id => id[^1])));
    }

    [Theory]
    [InlineData(null, "2 1 0")]
    [InlineData(true, "0")]
    [InlineData(false, "1")]
    public void Find_CallThatNeverRan_IsNeitherColdNorHot(bool? cold, string expected)
    {
        var store = new CallStore(new HistoryOptions(), _time);
        store.Add(CallRecords.Make(0, cold: true));
        store.Add(CallRecords.Make(1));
        store.Add(CallRecords.Make(2, error: CallError.QueueTimedOut, ran: false));

        Assert.Equal(expected, string.Join(' ', Ids(store, new CallFilter("f", cold)).Select(id => id[^1])));
    }

    [Fact]
    public void Find_PageByPage_ComesToAll()
    {
        var store = new CallStore(new HistoryOptions(), _time);
        for (var i = 0; i < 25; i++)
            store.Add(CallRecords.Make(i, cold: i % 4 == 0));
        var ids = new List<string>();
        for (string? before = null; Ids(store, new CallFilter("f", Most: 10, Before: before)) is { Count: > 0 } page; before = page[^1])
            ids.AddRange(page);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"call{i:D6}"), ids);
    }

    private static List<string> Ids(CallStore store, CallFilter filter) => [.. store.Find(filter).Select(call => call.CallId)];
}
