using Fn.Api.Apps;
using Fn.Api.Http;
using Fn.Api.Store;

namespace Fn.Api.Triggers;

/// <summary>Finds the function behind an app's path. Keeps what it found, and that there is nothing; a write by this process is seen by every look-up that begins after it. Thread-safe.</summary>
internal sealed class TriggerResolver
{
    public const int Capacity = 10_000;

    private readonly LookupCache<string, App> _apps;
    private readonly LookupCache<(string AppName, string Source), Trigger> _triggers;

    public TriggerResolver(IAppStore apps, ITriggerStore triggers, StoreChanges changes)
    {
        _apps = new LookupCache<string, App>(Capacity, name => FindAppAsync(apps, name));
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
        await _apps.GetAsync(appName, cancel) is not null;

    private static async Task<App?> FindAppAsync(IAppStore apps, string name) =>
        await apps.ListAppsAsync(name, ListPage.One, CancellationToken.None) is [var app] ? app : null;

    private static async Task<Trigger?> LoadAsync(IAppStore apps, ITriggerStore triggers, string appName, string source) =>
        await FindAppAsync(apps, appName) is { } app
            ? await triggers.FindTriggerBySourceAsync(app.Id, Trigger.HttpType, source, CancellationToken.None)
            : null;

    private void OnChanged(StoreChange change)
    {
        if (change.Kind is StoreChangeKind.App or StoreChangeKind.Everything)
            _apps.DropWhere((_, app) => change.Kind == StoreChangeKind.Everything || app.Id == change.Id);
        _triggers.DropWhere((_, trigger) => change.Kind switch
        {
            StoreChangeKind.App => trigger.AppId == change.Id,
            StoreChangeKind.Function => trigger.FunctionId == change.Id,
            StoreChangeKind.Trigger => trigger.Id == change.Id,
            _ => true,
        });
    }
}
