using System.Collections.Concurrent;
using Fn.Api.Functions;
using Fn.Api.Invocation;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>
/// The resolver that calls ask: of a function whose containers are kept it gives the revision that is warm, which for a while after an update is the one
/// before. Only the <see cref="HotKeeper"/> says which that is. Thread-safe.
/// </summary>
internal sealed class WarmRevisions(FunctionResolver functions) : IFunctionResolver
{
    private readonly ConcurrentDictionary<string, FunctionSpec> _warm = new(StringComparer.Ordinal);

    // Without a task of its own when the function is known, as it is for every call but the first.
    public async ValueTask<FunctionSpec?> ResolveAsync(string functionId, CancellationToken cancel) => Choose(await functions.ResolveAsync(functionId, cancel));

    /// <summary>The revision of a function that calls go to from now on.</summary>
    public void Set(FunctionSpec warm) => _warm[warm.FunctionId] = warm;

    /// <summary>A function is no more, or keeps no containers.</summary>
    public void Remove(string functionId) => _warm.TryRemove(functionId, out _);

    private FunctionSpec? Choose(FunctionSpec? current) =>
        current is { UpdatesWarm: true } && _warm.TryGetValue(current.FunctionId, out var warm) && warm.Revision != current.Revision ? warm : current;
}
