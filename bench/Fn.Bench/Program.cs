using System.Globalization;
using System.Runtime.InteropServices;
using Fn.Bench.Cluster;
using Fn.Bench.Cold;
using Fn.Bench.Dashboard;
using Fn.Bench.Hop;
using Fn.Bench.RedisOps;
using Fn.Bench.Run;
using Fn.Bench.Telemetry;

namespace Fn.Bench;

/// <summary>Measures parts of the platform on this machine and prints a table (bench/README.md).</summary>
internal static class Program
{
    private const string Usage = "Fn.Bench cluster|cold|dashboard|hop|redis-ops|run|telemetry [--runners 10,100,1000] [--quick] [--only hot,bodies,idle,cold] [--json PATH] [--plot PATH]";

    private static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await RunAsync(args, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        // What was started is stopped on the way out.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(string[] args, CancellationToken cancel)
    {
        if (args is [HopServer.Command])
            return await HopServer.RunAsync(cancel);
        if (args is [PageViewers.Command, var page, var count])
            return await PageViewers.RunAsync(new Uri(page), int.Parse(count, CultureInfo.InvariantCulture), cancel);
        if (BenchArguments.Parse(args) is not { } arguments)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        object? figures = arguments.Command switch
        {
            "cluster" => await ClusterBench.RunAsync(arguments.Runners, cancel),
            "cold" => await ColdBench.RunAsync(cancel),
            "dashboard" => await DashboardBench.RunAsync(cancel),
            "hop" => await HopBench.RunAsync(cancel),
            "redis-ops" => await RedisOpsBench.RunAsync(cancel),
            "run" => await RunBench.RunAsync(arguments.Parts, arguments.Quick, arguments.PlotPath, cancel),
            "telemetry" => await TelemetryBench.RunAsync(cancel),
            _ => null,
        };
        if (figures is null)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        await arguments.WriteJsonAsync(figures, cancel);
        return 0;
    }
}
