using Fn.Api.Apps;
using Fn.Api.Dashboard.Listing;
using Fn.Api.Dashboard.Live;
using Fn.Api.Functions;
using Fn.Api.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class FunctionListerTests(FunctionListerTests.FullGateway full) : IClassFixture<FunctionListerTests.FullGateway>
{
    private const int Many = 10_000;

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

    private Task<FoundFunctions> FindAsync(FunctionQuery query, LiveSnapshot now)
    {
        (_directory.Rows, _directory.Ids) = (0, 0);
        return new FunctionLister(_directory).FindAsync(query, now, Cancel);
    }

    private static LiveSnapshot Snapshot(params (string Id, long Calls)[] figures) => new(
        new ClusterSight([], new Dictionary<string, HotCounts>(), true),
        new CallsSight(
            new Series(TimeSpan.FromSeconds(5), [], default),
            new DayCosts(0, 0, 0, 0),
            figures.ToDictionary(pair => pair.Id, pair => Figures.None with { Calls = pair.Calls })),
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
            var now = Gateway.Time.GetUtcNow();
            var app = AppRules.New(new AppInput { Name = "many" }, "app", now);
            await using var context = Gateway.Services.GetRequiredService<IDbContextFactory<FnDbContext>>().CreateDbContext();
            context.Add(app);
            context.AddRange(Enumerable.Range(0, Many).Select(number => FunctionRules.New(
                new FunctionInput { AppId = app.Id, Name = $"f{number:D5}", Image = $"registry/image-of-{number:D5}:1" }, $"{number:D5}", "", now)));
            await context.SaveChangesAsync();
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
