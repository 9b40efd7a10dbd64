using Docker.DotNet;
using Fn.Bench.Cold;

namespace Fn.Bench.Run;

/// <summary>Cold starts with containers, where this machine can run them.</summary>
internal static class ColdRows
{
    private static readonly string[] Programs = ["crun", "runc", "dockerd", "tini-static", "busybox"];

    /// <returns>The figures, or why there are none.</returns>
    public static async Task<(ColdFigures? Figures, string? Missing)> MeasureAsync(Scale scale, CancellationToken cancel)
    {
        Progress.Say("cold starts");
        if (!Environment.IsPrivilegedProcess)
            return (null, "not measured: needs root");
        if (Programs.Where(static program => !IsInstalled(program)).ToList() is { Count: > 0 } missing)
            return (null, $"not measured: needs {string.Join(", ", missing)}");
        try
        {
            return (await ColdBench.MeasureAsync(scale.Cold, cancel), null);
        }
        catch (Exception e) when (e is InvalidOperationException or DockerApiException or IOException)
        {
            // A machine that has all of them need not let them run: a container without privileges, for instance.
            Progress.Say($"{e}");
            return (null, $"failed: {e.Message.Split('\n')[0]}");
        }
    }

    public static IEnumerable<Row> Rows(ColdFigures? figures, string? missing)
    {
        if (figures is null)
            return [Row.Missing("cold starts", missing!)];
        var starts = figures.Starts.ToDictionary(static f => f.Name);
        return
        [
            .. ByHand("process", "process by hand", null),
            .. ByHand("oci (crun)", "crun by hand", 1.6), ToDocker("oci (crun)", 1 / 6d),
            .. ByHand("oci (runc)", "runc by hand", 1.6), ToDocker("oci (runc)", 1 / 3d),
            .. ByHand("docker", "docker by hand", 1.15),
            .. figures.Many.SelectMany(OfMany),
        ];

        IEnumerable<Row> ByHand(string driver, string bare, double? target)
        {
            var (ours, limit) = (starts[driver], starts[bare]);
            yield return new Row($"cold, {driver}, p50 ms", ours.P50Millis, bare, limit.P50Millis, ours.ToByHand, target is { } most ? Target.Most(most) : null);
            yield return new Row($"cold, {driver}, p99 ms", ours.P99Millis, bare, limit.P99Millis, ours.P99Millis / limit.P99Millis);
        }

        Row ToDocker(string driver, double target) =>
            new($"cold, {driver}, p50 ms", starts[driver].P50Millis, "docker", starts["docker"].P50Millis, starts[driver].ToDocker, Target.Most(target));
    }

    private static IEnumerable<Row> OfMany(ManyFigures many)
    {
        var what = $"{many.Functions} functions at once, oci ({many.Runtime})";
        yield return new Row($"{what}, right answers", many.Right, "called", many.Functions, (double)many.Right / many.Functions, Target.Least(1));
        yield return new Row($"{what}, answered after s", many.Seconds, $"{many.Runtime} by hand", many.Functions / many.BestRate, many.ToBest, Target.Most(1.5));
        yield return new Row($"{what}, answered after s, first time", many.FirstSeconds, "", null, null);
        yield return new Row($"{what}, peak memory, MiB", many.PeakMiB, "before them", many.BeforeMiB, many.PeakMiB / many.BeforeMiB);
        yield return new Row($"{what}, most starts under way or waiting", many.Starting, "", null, null);
        if (many.Thousand is not { } thousand)
            yield break;
        what = $"1,000 functions at once, oci ({many.Runtime})";
        yield return new Row($"{what}, right answers", thousand.Right, "called", ManyFunctions.Thousand, (double)thousand.Right / ManyFunctions.Thousand, Target.Least(1));
        yield return new Row($"{what}, answered after s", thousand.Seconds, $"{many.Runtime} by hand", ManyFunctions.Thousand / many.BestRate, thousand.Seconds * many.BestRate / ManyFunctions.Thousand);
        yield return new Row($"{what}, peak memory, MiB", thousand.PeakKiB / 1024.0, "before them", thousand.BeforeKiB / 1024.0, (double)thousand.PeakKiB / thousand.BeforeKiB, Target.Flat);
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));
}
