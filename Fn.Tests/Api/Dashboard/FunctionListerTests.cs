using Fn.Api.Dashboard.Listing;
using Fn.Api.Dashboard.Live;
using Fn.Api.History;
using Fn.Api.Store;
using Fn.Tests.Api.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class FunctionListerTests(FunctionListerTests.FullGateway full) : IClassFixture<FunctionListerTests.FullGateway>
{
    private const int Many = 10_000;

    private readonly FunctionRankings _rankings = new();
    private readonly CountingDirectory _directory = new(full.Gateway.Services.GetRequiredService<IFunctionDirectory>());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 0, "f00000", "f00024")]
    [InlineData(false, 399, "f09975", "f09999")]
    [InlineData(false, 5000, "f09975", "f09999")]
    [InlineData(true, 0, "f09999", "f09975")]
    public async Task Find_TenThousandByName_ReadsOnePage(bool descending, int page, string first, string last)
    {
        var found = await FindAsync(new FunctionQuery("", FunctionSort.Name, descending, page), Snapshot());

        Assert.Equal((Many, 400, FunctionQuery.PageSize), (found.Total, found.Pages, found.Rows.Count));
        Assert.Equal((first, last), (found.Rows[0].Name, found.Rows[^1].Name));
        Assert.Equal((FunctionQuery.PageSize, 0), (_directory.Rows, _directory.Ids));
    }

    [Fact]
    public async Task Find_TenThousandByFigure_ReadsThePageAndTheIdsOfThoseThatHaveOne()
    {
        var now = Snapshot(("00007", 3), ("00005", 9), ("09999", 6));

        var found = await FindAsync(new FunctionQuery("", FunctionSort.Rate, true, 0), now);

        Assert.Equal(["f00005", "f09999", "f00007", "f00000", "f00001"], found.Rows.Take(5).Select(row => row.Name));
        Assert.Equal((FunctionQuery.PageSize, 3), (_directory.Rows, _directory.Ids));
        Assert.DoesNotContain("f00005", (await FindAsync(new FunctionQuery("", FunctionSort.Rate, true, 1), now)).Rows.Select(row => row.Name));
        // The other way round, those with the largest stand at the very end.
        Assert.Equal(["f00007", "f09999", "f00005"], (await FindAsync(new FunctionQuery("", FunctionSort.Rate, false, 399), now)).Rows.TakeLast(3).Select(row => row.Name));
    }

    [Theory]
    [InlineData("F0123", 10)]
    [InlineData("many/f00001", 1)]
    [InlineData("image-of-09999", 1)]
    [InlineData("none%", 0)]
    public async Task Find_Search_MatchesPartsWhateverTheCase(string search, int total)
    {
        var found = await FindAsync(new FunctionQuery(search, FunctionSort.Name, false, 0), Snapshot());

        Assert.Equal((total, total), (found.Total, found.Rows.Count));
    }

    [Fact]
    public async Task Find_SearchByFigure_OrdersOnlyWhatMatches()
    {
        var found = await FindAsync(new FunctionQuery("f0123", FunctionSort.Rate, true, 0), Snapshot(("01234", 3), ("00005", 9), ("gone", 9)));

        Assert.Equal(("f01234", "f01230", 10), (found.Rows[0].Name, found.Rows[1].Name, found.Rows.Count));
    }

    [Fact]
    public async Task Find_TenThousandWithFigures_OrdersTheLargestAndAsksTheStoreForThemOnce()
    {
        var now = EverybodyCalled();
        var query = new FunctionQuery("", FunctionSort.Rate, true, 0);

        Assert.Equal(("f09999", "f09975"), Ends(await FindAsync(query, now)));
        Assert.Equal((FunctionQuery.PageSize, FunctionRanking.Most), (_directory.Rows, _directory.Ids));
        Assert.Equal(("f09974", "f09950"), Ends(await FindAsync(query with { Page = 1 }, now)));
        Assert.Equal((FunctionQuery.PageSize, 0), (_directory.Rows, _directory.Ids));
        // The rest follows by name.
        Assert.Equal(("f00000", "f00024"), Ends(await FindAsync(query with { Page = FunctionRanking.Most / FunctionQuery.PageSize }, now)));
        Assert.Equal(("f09975", "f09999"), Ends(await FindAsync(query with { Descending = false, Page = 399 }, now)));
    }

    [Fact]
    public async Task Find_SearchOfOnePage_IsInOrderWhateverElseThereIs()
    {
        var found = await FindAsync(new FunctionQuery("f0012", FunctionSort.Rate, true, 0), EverybodyCalled());

        Assert.Equal(("f00129", "f00120"), Ends(found));
    }

    [Fact]
    public async Task Rank_NextSnapshot_AsksTheStoreOnlyWhenTheOrderIsAnother()
    {
        var query = new FunctionQuery("", FunctionSort.Rate, true, 0);
        var found = await FindAsync(query, Snapshot(("00007", 3), ("00005", 9)));
        var lister = new FunctionLister(_directory, _rankings);

        Assert.Equal(found.Ranked, await lister.RankAsync(query, Snapshot(("00007", 4), ("00005", 8)), found.Total));
        Assert.Equal(2, _directory.Ids);
        Assert.Equal(["00007", "00005"], await lister.RankAsync(query, Snapshot(("00007", 4), ("00005", 3)), found.Total));
        Assert.Equal(4, _directory.Ids);
    }

    [Fact]
    public async Task Find_ByWhatStartsCost_TakesTheDay()
    {
        var now = Snapshot(("00001", 9));
        var days = new Dictionary<string, CallCosts> { ["00002"] = new(5, 1, 0, 200), ["00003"] = new(5, 2, 0, 900), ["gone"] = new(1, 1, 0, 5000) };

        var found = await FindAsync(new FunctionQuery("", FunctionSort.Waited, true, 0), now with { Calls = now.Calls with { DayByFunction = new DaysSight(days) } });

        Assert.Equal(["f00003", "f00002", "f00000"], found.Rows.Take(3).Select(row => row.Name));
    }

    private static (string First, string Last) Ends(FoundFunctions found) => (found.Rows[0].Name, found.Rows[^1].Name);

    private static LiveSnapshot EverybodyCalled() => Snapshot([.. Enumerable.Range(0, Many).Select(number => ($"{number:D5}", (long)number))]);

    private Task<FoundFunctions> FindAsync(FunctionQuery query, LiveSnapshot now)
    {
        (_directory.Rows, _directory.Ids) = (0, 0);
        return new FunctionLister(_directory, _rankings).FindAsync(query, now, Cancel);
    }

    private static LiveSnapshot Snapshot(params (string Id, long Calls)[] figures) => new(
        new ClusterSight([], new Dictionary<string, HotCounts>(), true),
        new CallsSight(
            new Series(TimeSpan.FromSeconds(5), [], default),
            new DayCosts(0, 0, 0, 0),
            figures.ToDictionary(pair => pair.Id, pair => Figures.None with { Calls = pair.Calls }),
            DaysSight.None),
        0);

    /// <summary>Counts what is read.</summary>
    private sealed class CountingDirectory(IFunctionDirectory directory) : IFunctionDirectory
    {
        public int Rows { get; set; }

        public int Ids { get; set; }

        public Task<int> CountAsync(string? search, CancellationToken cancel) => directory.CountAsync(search, cancel);

        public async Task<IReadOnlyList<FunctionListing>> ListAsync(string? search, ListPart part, IReadOnlyCollection<string> without, CancellationToken cancel) =>
            Count(await directory.ListAsync(search, part, without, cancel));

        public async Task<IReadOnlyList<string>> MatchAsync(string? search, IReadOnlyCollection<string> ids, CancellationToken cancel)
        {
            var found = await directory.MatchAsync(search, ids, cancel);
            Ids += found.Count;
            return found;
        }

        public async Task<IReadOnlyList<FunctionListing>> FindAsync(IReadOnlyCollection<string> ids, CancellationToken cancel) =>
            Count(await directory.FindAsync(ids, cancel));

        private IReadOnlyList<FunctionListing> Count(IReadOnlyList<FunctionListing> rows)
        {
            Rows += rows.Count;
            return rows;
        }
    }

    /// <summary>A gateway with many functions.</summary>
    public sealed class FullGateway : IAsyncLifetime
    {
        internal TestGateway Gateway { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Gateway.InitializeAsync();
            await using var context = Gateway.Services.GetRequiredService<IDbContextFactory<FnDbContext>>().CreateDbContext();
            await ManyFunctions.AddAsync(context, Many, Gateway.Time.GetUtcNow(), Cancel);
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
