using System.Diagnostics;
using Fn.Bench.RedisOps;

namespace Fn.Bench.Dashboard;

/// <summary>What one round gave with so many looking. Processor time is in processors.</summary>
/// <param name="QuietCpu">The gateway's, without calls.</param>
/// <param name="PacedCpu">The gateway's, with calls at a pace.</param>
/// <param name="ViewersCpu">That of those who look, with calls at a pace.</param>
/// <param name="Updates">Changes that each of them was sent in a second, with calls at a pace.</param>
/// <param name="Bytes">Bytes of a change.</param>
/// <param name="Paced">The calls at a pace.</param>
/// <param name="Free">Calls without a pause.</param>
internal sealed record Look(double QuietCpu, double PacedCpu, double ViewersCpu, double Updates, double Bytes, LoopFigures Paced, LoopFigures Free)
{
    private const int Clients = 16;
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(4);

    /// <param name="services">What is called.</param>
    /// <param name="count">How many look at the overview.</param>
    /// <param name="callsPerSecond">The pace.</param>
    /// <param name="cancel">Ends it early.</param>
    public static async Task<Look> TakeAsync(Services services, int count, int callsPerSecond, CancellationToken cancel)
    {
        var pace = TimeSpan.FromSeconds(1) * Clients / callsPerSecond;
        await using var viewers = count == 0 ? null : await Viewers.OpenAsync(count, new Uri(services.Gateway, "/dashboard/"), cancel);
        // What comes of opening and closing pages is over.
        await ClosedLoop.RunAsync(Clients, Phase / 2, services.CallAsync, cancel, pace);
        var quiet = await CpuAsync(services, () => Task.Delay(Phase, TimeProvider.System, cancel));
        var (cpu, sent, paced) = (viewers?.Cpu, viewers is null ? default : await viewers.CountAsync(cancel), default(LoopFigures));
        var begun = Stopwatch.GetTimestamp();
        var busy = await CpuAsync(services, async () => paced = await ClosedLoop.RunAsync(Clients, Phase, services.CallAsync, cancel, pace));
        // Longer than planned when the last calls took their time.
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var (viewersCpu, seen) = ((viewers?.Cpu - cpu)?.TotalSeconds ?? 0, viewers is null ? default : await viewers.CountAsync(cancel));
        var (updates, bytes) = (seen.Updates - sent.Updates, seen.Bytes - sent.Bytes);
        return new Look(
            quiet / Phase.TotalSeconds,
            busy / seconds,
            viewersCpu / seconds,
            count == 0 ? 0 : updates / seconds / count,
            updates == 0 ? 0 : (double)bytes / updates,
            paced!,
            await ClosedLoop.RunAsync(Clients, Phase, services.CallAsync, cancel));
    }

    private static async Task<double> CpuAsync(Services services, Func<Task> run)
    {
        var before = services.GatewayCpu;
        await run();
        return (services.GatewayCpu - before).TotalSeconds;
    }
}
