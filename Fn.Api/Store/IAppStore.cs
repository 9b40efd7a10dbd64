using Fn.Api.Apps;
using Fn.Api.Http;

namespace Fn.Api.Store;

/// <summary>The apps in the store. Names are compared by their bytes. Thread-safe.</summary>
internal interface IAppStore
{
    /// <param name="name">Only the app of this name; null: all.</param>
    /// <param name="page">Which part, ordered by name.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<IReadOnlyList<App>> ListAppsAsync(string? name, ListPage page, CancellationToken cancel);

    Task<App?> FindAppAsync(string id, CancellationToken cancel);

    /// <summary><see cref="WriteOutcome.NotUnique"/> when its name is taken.</summary>
    Task<WriteOutcome> AddAppAsync(App app, CancellationToken cancel);

    /// <summary>Writes an app that was read and changed; <see cref="WriteOutcome.Stale"/> when it was written or deleted since it was read.</summary>
    Task<WriteOutcome> ReplaceAppAsync(App app, CancellationToken cancel);

    /// <summary>Deletes an app with its functions and triggers; false when it is not there.</summary>
    Task<bool> DeleteAppAsync(string id, CancellationToken cancel);
}
