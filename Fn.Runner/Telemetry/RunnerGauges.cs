using System.Diagnostics.Metrics;
using Fn.Runner.Calls;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Telemetry;

/// <summary>
/// What the runner holds at a moment. Read only when somebody collects it, so it costs calls nothing; and that is when the other instruments are told of the
/// last calls.
/// </summary>
internal sealed class RunnerGauges(
    IMeterFactory meters, RunnerTelemetry telemetry, RunnerEngine engine, SlotPools pools, MemoryLedger ledger, CallQueue queue) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create(RunnerTelemetry.Name);
        meter.CreateObservableUpDownCounter("fn.call.active", Calls, "{call}", "Calls that the runner took and that are not over.");
        meter.CreateObservableUpDownCounter("fn.call.queued", () => queue.Waiting, "{call}", "Calls that wait for a slot.");
        meter.CreateObservableUpDownCounter("fn.container.count", Containers, "{container}", "Containers by what they do.");
        meter.CreateObservableUpDownCounter("fn.memory.usage", () => ledger.Reserved, "By", "Memory reserved for containers.");
        meter.CreateObservableUpDownCounter("fn.memory.limit", () => ledger.Budget, "By", "Memory that containers may use together.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private int Calls()
    {
        telemetry.Flush();
        return engine.Calls;
    }

    private List<Measurement<int>> Containers()
    {
        var (idle, busy, starting, stopping) = (0, 0, 0, 0);
        foreach (var pool in pools.All)
        {
            var status = pool.GetStatus();
            idle += status.Idle;
            busy += status.Busy;
            starting += status.Starting;
            stopping += status.Stopping;
        }
        return [Count("idle", idle), Count("busy", busy), Count("starting", starting), Count("stopping", stopping)];
    }

    private static Measurement<int> Count(string state, int count) => new(count, new KeyValuePair<string, object?>(FaasTags.ContainerState, state));
}
