namespace Fn.Api.Store;

/// <summary>Which functions ask for containers that are kept. Thread-safe.</summary>
internal interface IMinHotStore
{
    /// <summary>The ids of functions that have, or whose app has, the annotation <c>fn.min_hot</c>, whatever its value, in their order.</summary>
    /// <param name="scope">Which functions are looked at.</param>
    /// <param name="after">Only ids behind this one; null: from the first on.</param>
    /// <param name="size">At most so many.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<IReadOnlyList<string>> ListMinHotAsync(MinHotScope scope, string? after, int size, CancellationToken cancel);
}

/// <summary>Functions to look at: those of an app, or some; the default is all.</summary>
internal readonly record struct MinHotScope(string? AppId = null, IReadOnlyList<string>? FunctionIds = null);
