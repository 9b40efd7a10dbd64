using System.Diagnostics.Metrics;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>Bounds of histograms, in seconds.</summary>
public static class Buckets
{
    /// <summary>Those that the semantic conventions ask for.</summary>
    public static InstrumentAdvice<double> Faas { get; } = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    /// <summary>From a hot call, which takes tenths of a millisecond, to a start that has to pull its image.</summary>
    public static InstrumentAdvice<double> Fine { get; } = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60],
    };
}
