using System.Globalization;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>Numbers as people read them: three digits that matter, and a unit.</summary>
internal static class Show
{
    public const string Nothing = "–";

    private const double Kibi = 1024;

    public static string Milliseconds(double? value) => value switch
    {
        null => Nothing,
        0 => "0 ms",
        < 0.1 => $"{Text(value.Value * 1000, "0")} µs",
        < 10 => $"{Text(value.Value, "0.0#")} ms",
        < 1000 => $"{Text(value.Value, "0")} ms",
        < 10_000 => $"{Text(value.Value / 1000, "0.0#")} s",
        < 120_000 => $"{Text(value.Value / 1000, "0.#")} s",
        < 7_200_000 => $"{Text(value.Value / 60_000, "0.#")} min",
        _ => $"{Text(value.Value / 3_600_000, "0.#")} h",
    };

    public static string Rate(double? value) => value switch
    {
        null => Nothing,
        0 => "0/s",
        < 0.1 => $"{Text(value.Value * 60, "0.0#")}/min",
        < 10 => $"{Text(value.Value, "0.0#")}/s",
        < 100 => $"{Text(value.Value, "0.#")}/s",
        _ => $"{Text(value.Value, "#,0")}/s",
    };

    public static string Share(double? value) => value switch
    {
        null => Nothing,
        0 => "0 %",
        < 0.001 => "< 0.1 %",
        < 0.1 => $"{Text(value.Value * 100, "0.#")} %",
        _ => $"{Text(value.Value * 100, "0")} %",
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => $"{Text(bytes / Kibi, "0.#")} KiB",
        < 1024L * 1024 * 1024 => $"{Text(bytes / Kibi / Kibi, "0.#")} MiB",
        _ => $"{Text(bytes / Kibi / Kibi / Kibi, "0.#")} GiB",
    };

    public static string Count(long count) => Text(count, "#,0");

    /// <summary>A count with its word: <c>1 call</c>, <c>2 calls</c>.</summary>
    public static string Count(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    public static string Seconds(int seconds) => seconds % 60 == 0 && seconds >= 120 ? $"{seconds / 60} min" : $"{seconds} s";

    /// <summary>A number in an attribute, where a unit follows.</summary>
    public static string Number(double value) => Text(value, "0.###");

    /// <summary>The end of an id, which tells it from its neighbours; ids begin with the time.</summary>
    public static string Short(string id) => id.Length <= 12 ? id : $"…{id[^8..]}";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
