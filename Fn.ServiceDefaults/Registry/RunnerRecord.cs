using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Registry;

/// <summary>
/// What a runner says of itself in the hot registry. Names are short because it travels with every report; they are never given another meaning. No instant
/// crosses a process: those in it are milliseconds of the runner's own <see cref="Uptime"/>, to be compared with each other only.
/// </summary>
public sealed record RunnerRecord
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>What people call it; not unique.</summary>
    [JsonPropertyName("n")]
    public string? Name { get; init; }

    /// <summary>Tells the runs of one runner apart.</summary>
    [JsonPropertyName("ep")]
    public required string Epoch { get; init; }

    /// <summary>Number of the report, from 1: whoever misses one reads everything again.</summary>
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    /// <summary>Where gateways reach it: <c>http://HOST:PORT</c>.</summary>
    [JsonPropertyName("addr")]
    public required string Address { get; init; }

    /// <summary>Proof that the cluster's key was known to who said so (<see cref="Cluster.ClusterKey.SignRunner"/>); null without a key.</summary>
    [JsonPropertyName("mac")]
    public string? Mac { get; init; }

    /// <summary>It takes no more calls.</summary>
    [JsonPropertyName("dr")]
    public bool Draining { get; init; }

    /// <summary>It is gone.</summary>
    [JsonPropertyName("off")]
    public bool Gone { get; init; }

    /// <summary>Bytes that containers may use together.</summary>
    [JsonPropertyName("mem")]
    public long Memory { get; init; }

    /// <summary>Bytes reserved by containers that exist or are being started.</summary>
    [JsonPropertyName("res")]
    public long Reserved { get; init; }

    /// <summary>Most containers being started at once.</summary>
    [JsonPropertyName("max")]
    public int MaxStarts { get; init; }

    /// <summary>Containers being started, and starts that wait.</summary>
    [JsonPropertyName("st")]
    public int Starting { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    [JsonPropertyName("w")]
    public int Waiting { get; init; }

    /// <summary>Calls that were taken and are not over, with those that wait.</summary>
    [JsonPropertyName("c")]
    public int Calls { get; init; }

    /// <summary>Milliseconds since the runner began, at this report.</summary>
    [JsonPropertyName("up")]
    public long Uptime { get; init; }
}
