using System.Diagnostics;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>W3C trace context, read and written.</summary>
public static class TraceContextText
{
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    /// <summary>What is longer is dropped: it would be kept with every span until that is sent. The standard asks for 512.</summary>
    private const int MaxState = 2048;

    /// <summary>The context that a peer sent; the default, which is none, when it is malformed.</summary>
    public static ActivityContext Parse(string? traceParent, string? traceState)
    {
        if (traceState is { Length: > MaxState })
            traceState = null;
        return traceParent is not null && ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var context) ? context : default;
    }

    public static bool IsSet(in ActivityContext context) => context.TraceId != default;

    public static string Format(in ActivityContext context) =>
        $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{((context.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? "01" : "00")}";

    public static bool IsHeader(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is 10 or 11
            && (name.Equals(TraceParent, StringComparison.OrdinalIgnoreCase) || name.Equals(TraceState, StringComparison.OrdinalIgnoreCase));
    }
}
