using Fn.Api.Apps;
using Fn.Api.Invocation;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>Finds what a call needs to know of its function. Keeps what it found, and that there is nothing; a write by this process is seen by every look-up that begins after it. Thread-safe.</summary>
internal sealed class FunctionResolver : IFunctionResolver
{
    public const int Capacity = 10_000;

    private readonly LookupCache<string, FunctionSpec> _specs;

    public FunctionResolver(IFunctionStore store, StoreChanges changes)
    {
        _specs = new LookupCache<string, FunctionSpec>(Capacity, id => LoadAsync(store, id));
        changes.Changed += OnChanged;
    }

    public ValueTask<FunctionSpec?> ResolveAsync(string functionId, CancellationToken cancel) => _specs.GetAsync(functionId, cancel);

    private static async Task<FunctionSpec?> LoadAsync(IFunctionStore store, string id) =>
        await store.FindFunctionWithAppAsync(id, CancellationToken.None) is var (function, app) ? ToSpec(function, app) : null;

    private static FunctionSpec ToSpec(Function function, App app) => new()
    {
        FunctionId = function.Id,
        FunctionName = function.Name,
        AppId = app.Id,
        AppName = app.Name,
        Image = function.Image,
        Format = function.Format,
        MemoryMiB = function.Memory,
        TimeoutSeconds = function.Timeout,
        IdleTimeoutSeconds = function.IdleTimeout,
        Config = Override(app.Config, function.Config),
        Annotations = Override(app.Annotations, function.Annotations),
    };

    private static Dictionary<string, string> Override(IReadOnlyDictionary<string, string> general, IReadOnlyDictionary<string, string> special)
    {
        var merged = new Dictionary<string, string>(general, StringComparer.Ordinal);
        foreach (var (key, value) in special)
            merged[key] = value;
        return merged;
    }

    private void OnChanged(StoreChange change)
    {
        switch (change.Kind)
        {
            case StoreChangeKind.Function:
                _specs.Drop(change.Id);
                break;
            case StoreChangeKind.App:
                _specs.DropWhere((_, spec) => spec.AppId == change.Id);
                break;
            case StoreChangeKind.Everything:
                _specs.DropWhere((_, _) => true);
                break;
        }
    }
}
