using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Containers;

/// <summary>Who writes a log line: a function's container and the call it serves at the moment.</summary>
/// <param name="function">The function.</param>
/// <param name="containerId">Its container.</param>
/// <param name="time">The clock; null: the machine's.</param>
internal sealed class LogSource(FunctionSpec function, string containerId, TimeProvider? time = null)
{
    // An answer and what was logged before it come by two ways, and are heard of in any order.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private string? _callId;
    private volatile bool _idle;
    private long _idleSince;

    public FunctionSpec Function { get; } = function;

    /// <summary>Its name, with that of its app.</summary>
    public string FunctionName { get; } = FunctionNames.Full(function);

    public string ContainerId { get; } = containerId;

    /// <summary>The running call, or the one that ended a moment ago; null while idle. Set to null when the call has ended.</summary>
    public string? CallId
    {
        get => _idle && _time.GetElapsedTime(Volatile.Read(ref _idleSince)) > Moment ? null : _callId;
        set
        {
            if (value is not null)
                _callId = value;
            else
                Volatile.Write(ref _idleSince, _time.GetTimestamp());
            _idle = value is null;
        }
    }

    /// <summary>The span that its lines belong to; null while idle, and when nothing is traced.</summary>
    public Activity? Span { get; set; }
}
