namespace Fn.Tests.Fakes.Otlp;

/// <summary>A span as it was received.</summary>
internal sealed record ReceivedSpan
{
    public string Service { get; init; } = "";
    public string Scope { get; init; } = "";
    public string TraceId { get; set; } = "";
    public string SpanId { get; set; } = "";
    public string ParentId { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>1 internal, 2 server, 3 client.</summary>
    public int Kind { get; set; }

    public long Start { get; set; }
    public long End { get; set; }

    /// <summary>0 unset, 2 error.</summary>
    public int Status { get; set; }

    public Dictionary<string, object> Tags { get; } = [];
    public List<(string Name, Dictionary<string, object> Tags)> Events { get; } = [];
    public List<(string SpanId, Dictionary<string, object> Tags)> Links { get; } = [];

    public override string ToString() => $"{Service} {Name} {SpanId} < {ParentId} of {TraceId}";
}

/// <summary>A log record as it was received.</summary>
internal sealed record ReceivedLog
{
    public string Service { get; init; } = "";
    public string Category { get; init; } = "";
    public string Body { get; set; } = "";
    public string TraceId { get; set; } = "";
    public string SpanId { get; set; } = "";
    public Dictionary<string, object> Tags { get; } = [];
}

/// <summary>A metric as it was received, with the tags of each of its points.</summary>
internal sealed record ReceivedMetric
{
    public string Service { get; init; } = "";
    public string Scope { get; init; } = "";
    public string Name { get; set; } = "";
    public string Unit { get; set; } = "";
    public double[] Bounds { get; set; } = [];
    public List<(Dictionary<string, object> Tags, double Value)> Points { get; } = [];
}
