using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>Who writes a log line: a function's container and the call it serves at the moment.</summary>
internal sealed class LogSource(FunctionSpec function, string containerId)
{
    public FunctionSpec Function { get; } = function;

    public string ContainerId { get; } = containerId;

    /// <summary>The running call; null while idle.</summary>
    public string? CallId { get; set; }
}
