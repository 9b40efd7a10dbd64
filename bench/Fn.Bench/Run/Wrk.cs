using System.Diagnostics;
using System.Globalization;

namespace Fn.Bench.Run;

/// <summary>Calls without a pause by <c>wrk</c>, each with the same body.</summary>
internal sealed class Wrk : IDisposable
{
    private const string Mark = "figures:";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-bench-wrk-");

    /// <summary>A small one, of 16 bytes.</summary>
    public static string SmallBody => """{"name":"World"}""";

    /// <param name="side">Who is called, for messages.</param>
    /// <param name="target">Where.</param>
    /// <param name="clients">Connections, each with one call at a time.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="body">What each call sends.</param>
    /// <param name="cancel">Ends it early.</param>
    public async Task<WrkFigures> RunAsync(string side, Uri target, int clients, int seconds, string body, CancellationToken cancel)
    {
        var threads = Math.Min(2, clients).ToString(CultureInfo.InvariantCulture);
        var info = new ProcessStartInfo("wrk", ["-t", threads, "-c", $"{clients}", "-d", $"{seconds}s", "--timeout", "10s", "-s", await ScriptAsync(body, cancel), target.AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            var line = output.Split('\n').FirstOrDefault(static line => line.StartsWith(Mark, StringComparison.Ordinal))
                ?? throw new BenchException($"wrk against {side}: {output}{await errors}");
            return Read(line[Mark.Length..], $"{side}, {clients} clients, bodies of {body.Length} bytes");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static WrkFigures Read(string line, string what)
    {
        var numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => double.Parse(word, CultureInfo.InvariantCulture)).ToList();
        if (numbers is not [var requests, var micros, var p50, var p99, var status, var connect, var read, var write, var timeout])
            throw new BenchException($"wrk said \"{line}\".");
        if (status + connect + read + write + timeout > 0 || requests == 0)
            throw new BenchException(
                $"{what}: of {requests} calls, {status} were answered with an error; connections: {connect} refused, {read} read errors, {write} write errors, {timeout} timeouts.");
        return new WrkFigures((long)requests, micros / 1e6, p50, p99);
    }

    /// <summary>The request stays the same, so wrk makes it once; with a function in place of that it would be what is measured.</summary>
    private async Task<string> ScriptAsync(string body, CancellationToken cancel)
    {
        var path = Path.Combine(_directory.FullName, $"{body.Length}.lua");
        if (!File.Exists(path))
        {
            await File.WriteAllTextAsync(path, $$"""
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.body = [[{{body}}]]
                function done(summary, latency)
                  local e = summary.errors
                  print(string.format("{{Mark}} %d %d %.0f %.0f %d %d %d %d %d", summary.requests, summary.duration,
                    latency:percentile(50), latency:percentile(99), e.status, e.connect, e.read, e.write, e.timeout))
                end
                """, cancel);
        }
        return path;
    }
}

/// <summary>One run. Latencies are wrk's: those that it missed sending while it waited for a late answer are made up for.</summary>
internal sealed record WrkFigures(long Calls, double Seconds, double P50Micros, double P99Micros)
{
    public double CallsPerSecond => Calls / Seconds;
}
