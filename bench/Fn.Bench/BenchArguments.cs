using System.Globalization;
using System.Text.Json;
using Fn.Bench.Run;

namespace Fn.Bench;

/// <summary>The command line.</summary>
internal sealed class BenchArguments
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Command { get; init; }

    /// <summary>How many runners the simulated clusters have, one after the other.</summary>
    public IReadOnlyList<int> Runners { get; private set; } = [10, 100, 1000];

    /// <summary>Where the figures are written as JSON; null: nowhere.</summary>
    public string? JsonPath { get; private set; }

    /// <summary>Less of everything.</summary>
    public bool Quick { get; private set; }

    /// <summary>What <c>run</c> measures.</summary>
    public RunParts Parts { get; private set; } = RunParts.All;

    /// <summary>Where the picture is written; null: nowhere.</summary>
    public string? PlotPath { get; private set; }

    /// <summary>Null: the command line is none.</summary>
    public static BenchArguments? Parse(string[] args)
    {
        if (args is not [var command, ..])
            return null;
        var parsed = new BenchArguments { Command = command };
        for (var i = 1; i < args.Length; i++)
        {
            if (args[i] == "--quick")
                parsed.Quick = true;
            else if (++i == args.Length || !parsed.Take(args[i - 1], args[i]))
                return null;
        }
        return parsed;
    }

    public async Task WriteJsonAsync(object figures, CancellationToken cancel)
    {
        if (JsonPath is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(JsonPath))!);
        await using var file = File.Create(JsonPath);
        await JsonSerializer.SerializeAsync(file, figures, Json, cancel);
    }

    private bool Take(string name, string value)
    {
        switch (name)
        {
            case "--json":
                JsonPath = value;
                return true;
            case "--plot":
                PlotPath = value;
                return true;
            case "--only" when ParseParts(value) is { } parts:
                Parts = parts;
                return true;
            case "--runners" when ParseNumbers(value) is { } runners:
                Runners = runners;
                return true;
            default:
                return false;
        }
    }

    private static RunParts? ParseParts(string text) =>
        Enum.TryParse(text, ignoreCase: true, out RunParts parts) && parts != RunParts.None && (parts & ~RunParts.All) == 0 ? parts : null;

    private static List<int>? ParseNumbers(string text)
    {
        var numbers = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, CultureInfo.InvariantCulture, out var number) || number < 2)
                return null;
            numbers.Add(number);
        }
        return numbers;
    }
}
