using System.Globalization;
using System.Text.Json;

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

    /// <summary>Null: the command line is none.</summary>
    public static BenchArguments? Parse(string[] args)
    {
        if (args is not [var command, ..])
            return null;
        var parsed = new BenchArguments { Command = command };
        for (var i = 1; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                return null;
            if (args[i] == "--json")
                parsed.JsonPath = args[i + 1];
            else if (args[i] == "--runners" && ParseNumbers(args[i + 1]) is { } runners)
                parsed.Runners = runners;
            else
                return null;
        }
        return parsed;
    }

    public async Task WriteJsonAsync(object figures, CancellationToken cancel)
    {
        if (JsonPath is null)
            return;
        await using var file = File.Create(JsonPath);
        await JsonSerializer.SerializeAsync(file, figures, Json, cancel);
    }

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
