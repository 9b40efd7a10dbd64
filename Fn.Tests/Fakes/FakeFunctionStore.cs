using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>Functions of one app, in memory. Every write is announced, as a store's is.</summary>
internal sealed class FakeFunctionStore : IFunctionStore, IMinHotStore
{
    private readonly Dictionary<string, Function> _functions = new(StringComparer.Ordinal);

    public StoreChanges Changes { get; } = new();

    /// <summary>What was looked at for functions that keep containers, in order.</summary>
    public List<MinHotScope> Scopes { get; } = [];

    /// <summary>When set, the store does not answer.</summary>
    public Exception? Away { get; set; }

    private static App App { get; } = new()
    {
        Id = "app",
        Name = "app",
        Config = StringMap.Empty,
        Annotations = StringMap.Empty,
        Shape = "",
        CreatedAt = default,
        UpdatedAt = default,
    };

    /// <summary>Adds a function of 64 MiB, or changes it.</summary>
    public void Put(string id, string image = "one", int? minHot = null, bool warmUpdate = true)
    {
        var annotations = StringMap.Empty;
        if (minHot is { } count)
            annotations = annotations.Add(FunctionSpec.MinHotAnnotation, $"{count}");
        if (!warmUpdate)
            annotations = annotations.Add(FunctionSpec.WarmUpdateAnnotation, "false");
        _functions[id] = new Function
        {
            Id = id,
            Name = id,
            AppId = App.Id,
            Image = image,
            Format = FunctionFormat.Http,
            Memory = 64,
            Timeout = 30,
            IdleTimeout = 30,
            Config = StringMap.Empty,
            Annotations = annotations,
            Shape = "",
            CreatedAt = default,
            UpdatedAt = default,
        };
        Changes.Raise(new StoreChange(StoreChangeKind.Function, id));
    }

    public Task<bool> DeleteFunctionAsync(string id, CancellationToken cancel)
    {
        var was = _functions.Remove(id);
        Changes.Raise(new StoreChange(StoreChangeKind.Function, id));
        return Task.FromResult(was);
    }

    public Task<FunctionWithApp?> FindFunctionWithAppAsync(string id, CancellationToken cancel) =>
        Task.FromResult(_functions.TryGetValue(id, out var function) ? new FunctionWithApp(function, App) : null);

    public Task<IReadOnlyList<string>> ListMinHotAsync(MinHotScope scope, string? after, int size, CancellationToken cancel)
    {
        if (Away is { } away)
            throw away;
        Scopes.Add(scope);
        return Task.FromResult<IReadOnlyList<string>>(
        [
            .. _functions.Values
                .Where(function => function.Annotations.ContainsKey(FunctionSpec.MinHotAnnotation) && scope.FunctionIds?.Contains(function.Id) != false)
                .Select(function => function.Id).Order(StringComparer.Ordinal).Where(id => after is null || string.CompareOrdinal(id, after) > 0).Take(size),
        ]);
    }

    public Task<IReadOnlyList<Function>> ListFunctionsAsync(string appId, string? name, ListPage page, CancellationToken cancel) => throw new NotSupportedException();

    public Task<Function?> FindFunctionAsync(string id, CancellationToken cancel) => throw new NotSupportedException();

    public Task<WriteOutcome> AddFunctionAsync(Function function, CancellationToken cancel) => throw new NotSupportedException();

    public Task<WriteOutcome> ReplaceFunctionAsync(Function function, CancellationToken cancel) => throw new NotSupportedException();
}
