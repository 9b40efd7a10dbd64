using Fn.Api.Functions;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>
/// The functions of which containers are kept: read from the store once, then only what it tells of. Those that keep none are in here neither when they are
/// there nor when they change. Read by one thread.
/// </summary>
internal sealed class HotFunctions
{
    private const int PageSize = 100;

    private readonly Lock _lock = new();
    private readonly FunctionResolver _resolver;
    private readonly IMinHotStore _store;
    private readonly Dictionary<string, FunctionSpec> _functions = new(StringComparer.Ordinal);
    private Changes _changes = new() { All = true };

    public HotFunctions(FunctionResolver resolver, IMinHotStore store, StoreChanges changes)
    {
        _resolver = resolver;
        _store = store;
        // After the resolver's own: what is read because of a change must not be what was kept before it.
        changes.Changed += OnChanged;
    }

    /// <summary>Rings when something may have changed.</summary>
    public Signal Changed { get; } = new();

    /// <summary>The functions as they are now, by id. What could not be read is read the next time.</summary>
    public async Task<IReadOnlyDictionary<string, FunctionSpec>> ReadAsync(CancellationToken cancel)
    {
        Changes changes;
        lock (_lock)
            (changes, _changes) = (_changes, new Changes());
        try
        {
            if (changes.All)
                await ReadAsync(default, [.. _functions.Keys], cancel);
            foreach (var app in changes.Apps)
                await ReadAsync(new MinHotScope(AppId: app), [.. _functions.Values.Where(function => function.AppId == app).Select(function => function.FunctionId)], cancel);
            foreach (var some in changes.Functions.Chunk(PageSize))
                await ReadAsync(new MinHotScope(FunctionIds: some), [.. some.Where(_functions.ContainsKey)], cancel);
        }
        catch
        {
            lock (_lock)
                _changes.All = true;
            throw;
        }
        return _functions;
    }

    /// <param name="scope">What to look at.</param>
    /// <param name="known">Which of it was known: what is not found any more is forgotten.</param>
    /// <param name="cancel">Ends the reading.</param>
    private async Task ReadAsync(MinHotScope scope, HashSet<string> known, CancellationToken cancel)
    {
        string? after = null;
        IReadOnlyList<string> page;
        do
        {
            page = await _store.ListMinHotAsync(scope, after, PageSize, cancel);
            foreach (var id in page)
            {
                if (await _resolver.ResolveAsync(id, cancel) is { MinHot: > 0 } function)
                {
                    _functions[id] = function;
                    known.Remove(id);
                }
                after = id;
            }
        }
        while (page.Count == PageSize);
        foreach (var id in known)
            _functions.Remove(id);
    }

    private void OnChanged(StoreChange change)
    {
        lock (_lock)
        {
            switch (change.Kind)
            {
                case StoreChangeKind.Function:
                    _changes.Functions.Add(change.Id);
                    break;
                case StoreChangeKind.App:
                    _changes.Apps.Add(change.Id);
                    break;
                case StoreChangeKind.Everything:
                    _changes.All = true;
                    break;
                default:
                    return;
            }
        }
        Changed.Ring();
    }

    private sealed class Changes
    {
        public bool All { get; set; }

        public HashSet<string> Apps { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Functions { get; } = new(StringComparer.Ordinal);
    }
}
