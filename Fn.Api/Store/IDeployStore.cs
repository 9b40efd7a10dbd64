using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Triggers;

namespace Fn.Api.Store;

/// <summary>Writes a function with its app and its triggers, all of it or nothing. Thread-safe.</summary>
internal interface IDeployStore
{
    /// <summary>The outcome of the write that kept all of them from being done.</summary>
    Task<WriteOutcome> DeployAsync(DeployedRows rows, CancellationToken cancel);
}

/// <summary>Rows to write: new ones as they are, changed ones with the version that was read.</summary>
internal sealed class DeployedRows
{
    public App? NewApp { get; init; }

    public Function? NewFunction { get; init; }

    public Function? ChangedFunction { get; init; }

    public IReadOnlyList<Trigger> NewTriggers { get; init; } = [];

    public IReadOnlyList<Trigger> ChangedTriggers { get; init; } = [];
}
