using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// How many sets of attributes a metric may have. The SDK's own limit is 2,000 for each, and what comes after is told without attributes; more names of functions
/// need more. Not more than that, though: the SDK makes room for all of them at once.
/// </summary>
internal static class SeriesLimit
{
    /// <summary>The SDK's default.</summary>
    public const int Least = 2000;

    /// <summary>Sets that a function has: how its calls start, and the few ways in which they fail.</summary>
    public const int OfFunction = 10;

    public static int For(int functionNames) => Math.Max(Least, functionNames * OfFunction);

    /// <summary>A view for the instruments that have names of functions; null: the SDK's own.</summary>
    public static Func<Instrument, MetricStreamConfiguration?> View(int functionNames)
    {
        var limit = For(functionNames);
        return instrument => limit > Least && instrument.Meter.Name is TelemetryRegistration.Gateway or TelemetryRegistration.Runner
            ? new MetricStreamConfiguration { CardinalityLimit = limit }
            : null;
    }
}
