using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fn.Tests.EndToEnd;

namespace Fn.Bench.Cold;

/// <summary>Many functions, none of which has a container, called at the same moment.</summary>
internal static class ManyFunctions
{
    private const int Functions = 200;

    public const int Thousand = 1000;

    /// <summary>Longer than all of <see cref="Functions"/> take to be answered, so that none goes meanwhile; the next round waits for it.</summary>
    private const int IdleSeconds = 10;

    /// <summary>Times that do not count: what starts call some hundred times is compiled again, and once more, meanwhile.</summary>
    private const int WarmUps = 3;

    /// <param name="runtime">The runtime.</param>
    /// <param name="bestRate">Measures how many containers a second the same runtime by hand brings to their first answers: the limit.</param>
    /// <param name="archives">Where the image is.</param>
    /// <param name="scale">How often.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<ManyFigures> RunAsync(
        string runtime, Func<Task<double>> bestRate, string archives, ColdScale scale, CancellationToken cancel)
    {
        var data = Directory.CreateDirectory($"/dev/shm/fn-many-{Guid.NewGuid():N}"[..24]).FullName;
        try
        {
            await using var gateway = await ServiceProcess.StartAsync(
                "Fn.Api", "--urls=http://127.0.0.1:0", $"--Fn:DataDirectory={data}", $"--Fn:Oci:Archives={archives}", $"--Fn:Oci:Runtime={runtime}",
                "--Fn:Runner:ContainerDriver=oci", "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information");
            using var http = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(3) };
            var app = await PostAsync(http, "/v2/apps", new JsonObject { ["name"] = "bench" }, cancel);
            var (all, best) = (new List<ManyRound>(), new List<double>());
            for (var round = 0; round < (scale.ManyRounds > 0 ? WarmUps + scale.ManyRounds : 1); round++)
            {
                await ProcessMemory.HasChildrenAsync(gateway.Id, 0, cancel);
                best.Add(await bestRate());
                all.Add(await RoundAsync(gateway, http, app, Functions, cancel));
            }
            ManyRound? thousand = null;
            if (scale.Thousand)
            {
                await ProcessMemory.HasChildrenAsync(gateway.Id, 0, cancel);
                thousand = await RoundAsync(gateway, http, app, Thousand, cancel);
            }
            var first = all[0];
            if (scale.ManyRounds > 0)
            {
                all.RemoveRange(0, WarmUps);
                best.RemoveRange(0, WarmUps);
            }
            return new ManyFigures(
                runtime, Functions, all.Min(static round => round.Right), Ratio.Median(best), Ratio.Median([.. all.Select(static round => round.Seconds)]),
                Ratio.Of([.. all.Select(static round => round.Seconds)], [.. best.Select(static rate => Functions / rate)]), first.Seconds,
                all[0].BeforeKiB / 1024.0, all.Max(static round => round.PeakKiB) / 1024.0, all.Max(static round => round.Starting), thousand);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>New functions, called at once; then they go, and their containers when they have been idle for long enough.</summary>
    private static async Task<ManyRound> RoundAsync(ServiceProcess gateway, HttpClient http, string app, int count, CancellationToken cancel)
    {
        var functions = await CreateAsync(http, app, count, cancel);
        // The image is unpacked by the first of all.
        await CallAsync(http, functions[0], cancel);
        await ProcessMemory.ResetPeakAsync(gateway.Id, cancel);
        var before = ProcessMemory.Peak(gateway.Id);
        ManyRound round;
        await using (var starting = new StartingContainers(http))
        {
            var begun = Stopwatch.GetTimestamp();
            var right = await Task.WhenAll(functions.Skip(1).Select(function => CallAsync(http, function, cancel)));
            round = new ManyRound(FirstAnswer.Millis(begun) / 1000, right.Count(static answer => answer), before, ProcessMemory.Peak(gateway.Id), starting.Most);
        }
        foreach (var function in functions)
            (await http.DeleteAsync(new Uri($"/v2/fns/{function}", UriKind.Relative), cancel)).Dispose();
        return round;
    }

    public static void Print(IReadOnlyList<ManyFigures> figures) => Table.Print(
        ["", "functions at once", "right", "runtime's best, containers/s", "all answered after, s", "to the runtime's best", "the first time, s", "memory before, MiB", "its peak, MiB", "starts under way or waiting", "1,000 answered after, s"],
        [.. figures.Select(f => (string[])[$"oci ({f.Runtime})", Text(f.Functions, "0"), Text(f.Right, "0"), Text(f.BestRate, "0.0"), Text(f.Seconds, "0.00"), Text(f.ToBest, "0.00"), Text(f.FirstSeconds, "0.00"), Text(f.BeforeMiB, "0"), Text(f.PeakMiB, "0"), Text(f.Starting, "0"), f.Thousand is { } thousand ? Text(thousand.Seconds, "0.0") : ""])]);

    /// <summary>One more than are to be called at once.</summary>
    private static async Task<List<string>> CreateAsync(HttpClient http, string app, int count, CancellationToken cancel)
    {
        var functions = new List<string>();
        for (var i = 0; i <= count; i++)
            functions.Add(await PostAsync(http, "/v2/fns", new JsonObject { ["app_id"] = app, ["name"] = $"f{i}", ["image"] = FirstAnswer.Image, ["format"] = "http", ["memory"] = 64, ["idle_timeout"] = IdleSeconds }, cancel));
        return functions;
    }

    private static async Task<string> PostAsync(HttpClient http, string path, JsonObject body, CancellationToken cancel)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancel))!["id"]!.GetValue<string>();
    }

    private static async Task<bool> CallAsync(HttpClient http, string function, CancellationToken cancel)
    {
        using var answer = await http.PostAsync(new Uri($"/invoke/{function}", UriKind.Relative), null, cancel);
        return answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync(cancel) == "hello";
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>One time that they were called.</summary>
internal sealed record ManyRound(double Seconds, int Right, long BeforeKiB, long PeakKiB, int Starting);

/// <param name="Runtime">The runtime.</param>
/// <param name="Functions">How many were called.</param>
/// <param name="Right">How many answered as they should, in the worst round.</param>
/// <param name="BestRate">Containers a second that the runtime by hand brings to their first answers at best.</param>
/// <param name="Seconds">From the first call to the last answer.</param>
/// <param name="ToBest">That, to what the runtime by hand would have needed.</param>
/// <param name="FirstSeconds">The first time, which does not count: platform and caller are compiled meanwhile.</param>
/// <param name="BeforeMiB">The platform's memory before.</param>
/// <param name="PeakMiB">Its peak meanwhile.</param>
/// <param name="Starting">The most starts that were under way, or waited for their turn, at once.</param>
/// <param name="Thousand">A thousand at once, for more of which than the machine has memory for others have to go; null: not called.</param>
internal sealed record ManyFigures(string Runtime, int Functions, int Right, double BestRate, double Seconds, double ToBest, double FirstSeconds, double BeforeMiB, double PeakMiB, int Starting, ManyRound? Thousand);
