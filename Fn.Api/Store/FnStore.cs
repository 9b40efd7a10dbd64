using Microsoft.EntityFrameworkCore;

namespace Fn.Api.Store;

/// <summary>
/// Apps, functions and triggers in the database. What has to be unique and what belongs to what is left to its constraints; an update is bound to the row
/// as it was read. So nothing is checked first and done later, by this process or another.
/// </summary>
internal sealed partial class FnStore(IDbContextFactory<FnDbContext> contexts, StoreChanges changes) : IAppStore, IFunctionStore, IFunctionDirectory, ITriggerStore, IDeployStore, IMinHotStore
{
    /// <summary>Whether the database answers. Throws when it does not.</summary>
    public async Task PingAsync(CancellationToken cancel)
    {
        await using var context = contexts.CreateDbContext();
        await context.Apps.AnyAsync(cancel);
    }

    private async Task<WriteOutcome> AddAsync<T>(T row, StoreChange change, CancellationToken cancel) where T : class
    {
        await using var context = contexts.CreateDbContext();
        context.Add(row);
        return await SaveAsync(context, change, cancel);
    }

    /// <param name="row">The row to write, with its new version.</param>
    /// <param name="readVersion">The version it had when it was read.</param>
    /// <param name="change">What to announce.</param>
    /// <param name="cancel">Ends the call.</param>
    private async Task<WriteOutcome> ReplaceAsync<T>(T row, long readVersion, StoreChange change, CancellationToken cancel) where T : class
    {
        await using var context = contexts.CreateDbContext();
        Change(context, row, readVersion);
        return await SaveAsync(context, change, cancel);
    }

    private static void Change<T>(FnDbContext context, T row, long readVersion) where T : class =>
        context.Update(row).Property(nameof(Apps.App.RowVersion)).OriginalValue = readVersion;

    private async Task<WriteOutcome> SaveAsync(FnDbContext context, StoreChange change, CancellationToken cancel)
    {
        try
        {
            return await SaveAsync(context, cancel);
        }
        finally
        {
            // Whatever came of it: a write that was cancelled or failed late may still have been done, and to forget too much does no harm.
            changes.Raise(change);
        }
    }

    private static async Task<WriteOutcome> SaveAsync(FnDbContext context, CancellationToken cancel)
    {
        try
        {
            await context.SaveChangesAsync(cancel);
            return WriteOutcome.Done;
        }
        catch (DbUpdateConcurrencyException)
        {
            return WriteOutcome.Stale;
        }
        catch (DbUpdateException e) when (context.ReadViolation(e) is { } violation)
        {
            return violation;
        }
    }

    private async Task<bool> DeleteAsync<T>(IQueryable<T> rows, StoreChange change, CancellationToken cancel)
    {
        try
        {
            return await rows.ExecuteDeleteAsync(cancel) > 0;
        }
        finally
        {
            changes.Raise(change);
        }
    }
}
