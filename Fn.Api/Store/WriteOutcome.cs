namespace Fn.Api.Store;

/// <summary>What became of a write.</summary>
internal enum WriteOutcome
{
    Done,

    /// <summary>The row was written or deleted by someone else since it was read.</summary>
    Stale,

    /// <summary>A name, or whatever else has to be unique, is taken.</summary>
    NotUnique,

    /// <summary>What it belongs to is not there.</summary>
    ParentMissing,
}
