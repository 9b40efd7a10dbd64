namespace Fn.Api.Store;

/// <summary>What a write may have changed: an app with all it has, a function with its triggers, or a trigger.</summary>
internal readonly record struct StoreChange(StoreChangeKind Kind, string Id);

internal enum StoreChangeKind
{
    App,
    Function,
    Trigger,
}
