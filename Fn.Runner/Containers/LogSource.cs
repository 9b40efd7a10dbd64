using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Containers;

/// <summary>Who writes a log line: a function's container and the call it serves at the moment.</summary>
internal sealed class LogSource(FunctionSpec function, string containerId)
{
    public FunctionSpec Function { get; } = function;

    /// <summary>Its name, with that of its app.</summary>
    public string FunctionName { get; } = FunctionNames.Full(function);

    public string ContainerId { get; } = containerId;

    /// <summary>The running call; null while idle.</summary>
    public string? CallId { get; set; }

    /// <summary>The span that its lines belong to; null while idle, and when nothing is traced.</summary>
    public Activity? Span { get; set; }
}
