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

    public ValueTask<FunctionSpec?> ResolveAsync(string functionId, CancellationToken cancel)
    {
        var current = functions.ResolveAsync(functionId, cancel);
#pragma warning disable VSTHRD103 // It is done.
        return current.IsCompletedSuccessfully ? new ValueTask<FunctionSpec?>(Choose(current.Result)) : ResolveOnAsync(current);
#pragma warning restore VSTHRD103
    }

    /// <summary>The revision of a function that calls go to from now on.</summary>
    public void Set(FunctionSpec warm) => _warm[warm.FunctionId] = warm;

    /// <summary>A function is no more, or keeps no containers.</summary>
    public void Remove(string functionId) => _warm.TryRemove(functionId, out _);

    private async ValueTask<FunctionSpec?> ResolveOnAsync(ValueTask<FunctionSpec?> current) => Choose(await current);

    private FunctionSpec? Choose(FunctionSpec? current) =>
        current is { UpdatesWarm: true } && _warm.TryGetValue(current.FunctionId, out var warm) && warm.Revision != current.Revision ? warm : current;
}
