namespace Fn.Tests.EndToEnd;

/// <summary>The metrics that docs/observe.md promises. Dashboards and alerts are built on these names.</summary>
internal static class TelemetryNames
{
    public static readonly (string Scope, string Name, string Unit)[] Metrics =
    [
        ("Fn.Api", "fn.call.duration", "s"),
        ("Fn.Api", "fn.gateway.call.active", "{call}"),
        ("Fn.Api", "fn.placement.attempts", "{attempt}"),
        ("Fn.Runner", "faas.invoke_duration", "s"),
        ("Fn.Runner", "faas.init_duration", "s"),
        ("Fn.Runner", "faas.coldstarts", "{coldstart}"),
        ("Fn.Runner", "faas.invocations", "{invocation}"),
        ("Fn.Runner", "faas.errors", "{error}"),
        ("Fn.Runner", "faas.timeouts", "{timeout}"),
        ("Fn.Runner", "fn.call.active", "{call}"),
        ("Fn.Runner", "fn.call.queued", "{call}"),
        ("Fn.Runner", "fn.slot.wait.duration", "s"),
        ("Fn.Runner", "fn.container.count", "{container}"),
        ("Fn.Runner", "fn.container.start.duration", "s"),
        ("Fn.Runner", "fn.container.evictions", "{eviction}"),
        ("Fn.Runner", "fn.container.stops", "{container}"),
        ("Fn.Runner", "fn.image.pull.duration", "s"),
        ("Fn.Runner", "fn.memory.usage", "By"),
        ("Fn.Runner", "fn.memory.limit", "By"),
    ];
}
