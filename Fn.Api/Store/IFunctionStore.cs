using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;

namespace Fn.Api.Store;

/// <summary>The functions in the store. Names are compared by their bytes. Thread-safe.</summary>
internal interface IFunctionStore
{
    /// <param name="appId">Whose functions; one that is not there has none.</param>
    /// <param name="name">Only the function of this name; null: all.</param>
    /// <param name="page">Which part, ordered by name.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<IReadOnlyList<Function>> ListFunctionsAsync(string appId, string? name, ListPage page, CancellationToken cancel);

    Task<Function?> FindFunctionAsync(string id, CancellationToken cancel);

    /// <summary>A function and its app, read at one instant.</summary>
    Task<FunctionWithApp?> FindFunctionWithAppAsync(string id, CancellationToken cancel);

    /// <summary><see cref="WriteOutcome.NotUnique"/> when its app has a function of that name, <see cref="WriteOutcome.ParentMissing"/> when there is no such app.</summary>
    Task<WriteOutcome> AddFunctionAsync(Function function, CancellationToken cancel);

    /// <summary>Writes a function that was read and changed; <see cref="WriteOutcome.Stale"/> when it was written or deleted since it was read.</summary>
    Task<WriteOutcome> ReplaceFunctionAsync(Function function, CancellationToken cancel);

    /// <summary>Deletes a function with its triggers; false when it is not there.</summary>
    Task<bool> DeleteFunctionAsync(string id, CancellationToken cancel);
}

internal sealed record FunctionWithApp(Function Function, App App);
