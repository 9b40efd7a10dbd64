namespace Fn.Bench.Cluster;

/// <summary>What was measured with so many runners.</summary>
internal sealed record ScaleFigures
{
    public required int Runners { get; init; }

    public required int Functions { get; init; }

    public required int Pools { get; init; }

    /// <summary>Milliseconds between two reports of a runner, as wanted.</summary>
    public required double ReportIntervalMs { get; init; }

    public required DecisionFigures HotQuiet { get; set; }

    public required DecisionFigures FreeQuiet { get; set; }

    public required DecisionFigures VictimQuiet { get; set; }

    public required DecisionFigures Hot { get; set; }

    public required DecisionFigures Free { get; set; }

    public required DecisionFigures Victim { get; set; }

    /// <summary>What one gateway's view holds, in bytes.</summary>
    public required long ViewBytes { get; init; }

    /// <summary>Reports a second, as they were made.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>Bytes a second that one gateway receives.</summary>
    public required double StreamBytesPerSecond { get; init; }

    /// <summary>Microseconds in which a view applies a report.</summary>
    public required double ApplyMicros { get; init; }

    /// <summary>Redis' part of one processor while the runners report to two gateways.</summary>
    public required double RedisCpu { get; init; }

    /// <summary>Milliseconds until a gateway that starts has everything, in quiet and while the runners report.</summary>
    public required double JoinQuietMs { get; init; }

    public required double JoinMs { get; init; }

    /// <summary>Milliseconds until every gateway and the registry have everything after Redis was flushed; after it came back empty.</summary>
    public required double FlushMs { get; init; }

    public required double RestartMs { get; init; }
}
