using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

internal sealed partial class FnStore
{
    public async Task<int> CountAsync(string? search, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        return await Listings(context, search).CountAsync(cancel);
    }

    public async Task<IReadOnlyList<FunctionListing>> ListAsync(string? search, ListPart part, IReadOnlyCollection<string> without, CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        var listings = Listings(context, search);
        if (without.Count > 0)
            listings = listings.Where(listing => !without.Contains(listing.Id));
        var ordered = part.Descending
            ? listings.OrderByDescending(listing => listing.AppName).ThenByDescending(listing => listing.Name)
            : listings.OrderBy(listing => listing.AppName).ThenBy(listing => listing.Name);
        return Build(await ordered.Skip(part.Skip).Take(part.Take).ToListAsync(cancel));
    }

    public async Task<IReadOnlyList<string>> MatchAsync(string? search, IReadOnlyCollection<string> ids, CancellationToken cancel)
    {
        if (ids.Count == 0)
            return [];
        await using var context = contexts.CreateDbContext();
        return await Listings(context, search).Where(listing => ids.Contains(listing.Id)).Select(listing => listing.Id).ToListAsync(cancel);
    }

    public async Task<IReadOnlyList<FunctionListing>> FindAsync(IReadOnlyCollection<string> ids, CancellationToken cancel)
    {
        if (ids.Count == 0)
            return [];
        await using var context = contexts.CreateDbContext();
        return Build(await Listings(context, null).Where(listing => ids.Contains(listing.Id)).ToListAsync(cancel));
    }

    private static IQueryable<Listing> Listings(FnDbContext context, string? search)
    {
        var listings = context.Functions.AsNoTracking().Join(
            context.Apps.AsNoTracking(),
            function => function.AppId,
            app => app.Id,
            (function, app) => new Listing { Id = function.Id, AppId = app.Id, AppName = app.Name, Name = function.Name, Image = function.Image });
        if (string.IsNullOrEmpty(search))
            return listings;
#pragma warning disable CA1304, CA1308, CA1311, CA1862 // Becomes the database's own lower(), which knows no culture.
        var part = search.ToLowerInvariant();
        return listings.Where(listing => (listing.AppName + "/" + listing.Name).ToLower().Contains(part) || listing.Image.ToLower().Contains(part));
#pragma warning restore CA1304, CA1308, CA1311, CA1862
    }

    private static FunctionListing[] Build(List<Listing> rows) => [.. rows.Select(row => new FunctionListing(row.Id, row.AppId, row.AppName, row.Name, row.Image))];

    // With properties that are set by name: a query can go on from it.
    private sealed class Listing
    {
        public required string Id { get; init; }

        public required string AppId { get; init; }

        public required string AppName { get; init; }

        public required string Name { get; init; }

        public required string Image { get; init; }
    }
}
