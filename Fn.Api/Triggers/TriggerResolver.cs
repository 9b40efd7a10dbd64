using Fn.Api.Http;
using Fn.Api.Store;

namespace Fn.Api.Triggers;

/// <summary>Finds the function behind an app's path. Keeps what it found; a write by this process is seen by every look-up that begins after it. Thread-safe.</summary>
internal sealed class TriggerResolver
{
    public const int Capacity = 10_000;

    private readonly IAppStore _apps;
    private readonly LookupCache<(string AppName, string Source), Trigger> _triggers;

    public TriggerResolver(IAppStore apps, ITriggerStore triggers, StoreChanges changes)
    {
        _apps = apps;
        _triggers = new LookupCache<(string AppName, string Source), Trigger>(Capacity, key => LoadAsync(apps, triggers, key.AppName, key.Source));
        changes.Changed += OnChanged;
    }

    /// <summary>The trigger; null when there is none (<see cref="AppExistsAsync"/> then says which of the two is missing).</summary>
    /// <param name="appName">The app's name.</param>
    /// <param name="source">The path below it, decoded, with its first slash.</param>
    /// <param name="cancel">Ends the wait.</param>
    public ValueTask<Trigger?> FindAsync(string appName, string source, CancellationToken cancel) => _triggers.GetAsync((appName, source), cancel);

    /// <summary>Whether there is an app of a name.</summary>
    public async ValueTask<bool> AppExistsAsync(string appName, CancellationToken cancel) =>
        (await _apps.ListAppsAsync(appName, ListPage.One, cancel)).Count > 0;

    private static async Task<Trigger?> LoadAsync(IAppStore apps, ITriggerStore triggers, string appName, string source) =>
        await apps.ListAppsAsync(appName, ListPage.One, CancellationToken.None) is [var app]
            ? await triggers.FindTriggerBySourceAsync(app.Id, Trigger.HttpType, source, CancellationToken.None)
            : null;

    private void OnChanged(StoreChange change) => _triggers.DropWhere((_, trigger) => change.Kind switch
    {
        StoreChangeKind.App => trigger.AppId == change.Id,
        StoreChangeKind.Function => trigger.FunctionId == change.Id,
        _ => trigger.Id == change.Id,
    });
}
