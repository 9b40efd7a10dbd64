using Fn.Api.Http;
using Fn.Api.Triggers;

namespace Fn.Api.Store;

/// <summary>The triggers in the store. Names and sources are compared by their bytes. Thread-safe.</summary>
internal interface ITriggerStore
{
    /// <param name="appId">Whose triggers; one that is not there has none.</param>
    /// <param name="functionId">Only this function's; null: all.</param>
    /// <param name="name">Only those of this name; null: all.</param>
    /// <param name="page">Which part, ordered by name.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<IReadOnlyList<Trigger>> ListTriggersAsync(string appId, string? functionId, string? name, ListPage page, CancellationToken cancel);

    Task<Trigger?> FindTriggerAsync(string id, CancellationToken cancel);

    Task<Trigger?> FindTriggerBySourceAsync(string appId, string type, string source, CancellationToken cancel);

    /// <summary>
    /// <see cref="WriteOutcome.NotUnique"/> when its source in its app, or its name on its function, is taken;
    /// <see cref="WriteOutcome.ParentMissing"/> when there is no such app or function.
    /// </summary>
    Task<WriteOutcome> AddTriggerAsync(Trigger trigger, CancellationToken cancel);

    /// <summary>Writes a trigger that was read and changed; <see cref="WriteOutcome.Stale"/> when it was written or deleted since it was read, else as for a new one.</summary>
    Task<WriteOutcome> ReplaceTriggerAsync(Trigger trigger, CancellationToken cancel);

    /// <summary>False when it is not there.</summary>
    Task<bool> DeleteTriggerAsync(string id, CancellationToken cancel);
}
