using System.Diagnostics;

namespace Fn.Bench.Run;

/// <summary>A thousand functions, none of which has a container, called at the same moment.</summary>
internal static class ThousandFunctions
{
    private const int Functions = 1000;
    private const int MemoryMiB = 16;
    private const int WarmUpClients = 64;
    private const int WarmUpSeconds = 5;

    public static async Task<ThousandFigures> MeasureAsync(CancellationToken cancel)
    {
        Progress.Say($"{Functions} functions at once");
        await using var platform = await Platform.StartEmbeddedAsync(cancel, "--Fn:Runner:Memory=64GiB");
        var functions = await platform.CreateAsync(Functions + 1, MemoryMiB, cancel, idleSeconds: 3600);
        using (var wrk = new Wrk())
            await wrk.RunAsync("one process", functions[0], WarmUpClients, WarmUpSeconds, Wrk.SmallBody, cancel);
        await ProcessMemory.ResetPeakAsync(platform.Id, cancel);
        var before = ProcessMemory.Peak(platform.Id);
        var begun = Stopwatch.GetTimestamp();
        var right = await Task.WhenAll(functions.Skip(1).Select(function => platform.CallAsync(function, cancel)));
        return new ThousandFigures(
            Functions, right.Count(static answer => answer), Stopwatch.GetElapsedTime(begun).TotalSeconds, before / 1024.0, ProcessMemory.Peak(platform.Id) / 1024.0);
    }

    public static IEnumerable<Row> Rows(ThousandFigures figures)
    {
        yield return new Row("1,000 functions at once, right answers", figures.Right, "called", figures.Functions, (double)figures.Right / figures.Functions, Target.Least(1));
        yield return new Row("1,000 functions at once, answered after s", figures.Seconds, "", null, null);
        yield return new Row("1,000 functions at once, peak memory, MiB", figures.PeakMiB, "before them", figures.BeforeMiB, figures.PeakMiB / figures.BeforeMiB);
    }
}

/// <param name="Functions">How many were called.</param>
/// <param name="Right">How many answered as they should.</param>
/// <param name="Seconds">From the first call to the last answer.</param>
/// <param name="BeforeMiB">The platform's memory before.</param>
/// <param name="PeakMiB">Its peak meanwhile.</param>
internal sealed record ThousandFigures(int Functions, int Right, double Seconds, double BeforeMiB, double PeakMiB);
