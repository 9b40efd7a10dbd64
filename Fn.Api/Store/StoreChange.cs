namespace Fn.Api.Store;

/// <summary>What a write may have changed: an app with all it has, a function with its triggers, or a trigger.</summary>
internal readonly record struct StoreChange(StoreChangeKind Kind, string Id)
{
    /// <summary>Anything: changes were made that nobody was told of.</summary>
    public static readonly StoreChange Everything = new(StoreChangeKind.Everything, "");
}

internal enum StoreChangeKind
{
    App,
    Function,
    Trigger,
    Everything,
}
