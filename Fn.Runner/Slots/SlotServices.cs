using Fn.Runner.Containers;
using Fn.Runner.Telemetry;

namespace Fn.Runner.Slots;

/// <summary>What every pool of a runner shares.</summary>
internal sealed record SlotServices(
    StartDispatcher Dispatcher,
    ContainerLauncher Launcher,
    DriverStarts DriverStarts,
    CallQueue Queue,
    BackgroundWork Background,
    CallOptions Calls,
    ContainerOptions Containers,
    TimeProvider Time)
{
    /// <summary>Told of every change; null when nobody wants to know.</summary>
    public PoolChanges? Changes { get; init; }

    /// <summary>For how long each processor has been idle, all in all; null: nobody knows.</summary>
    public Func<TimeSpan?> ProcessorsIdle { get; init; } = static () => null;

    /// <summary>Told of starts and ends; null when nobody wants to know.</summary>
    public RunnerTelemetry? Telemetry { get; init; }
}
