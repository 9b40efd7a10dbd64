using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Registry;

/// <summary>The containers of one revision on one runner. Instants are milliseconds of the runner's <see cref="RunnerRecord.Uptime"/>.</summary>
public sealed record PoolRecord
{
    /// <summary>Most instants in <see cref="IdleSince"/>: whoever has more idle containers than this can spare the rest unlisted.</summary>
    public const int MostIdleListed = 32;

    [JsonPropertyName("f")]
    public required string FunctionId { get; init; }

    /// <summary>Bytes of one container.</summary>
    [JsonPropertyName("m")]
    public required long Memory { get; init; }

    [JsonPropertyName("i")]
    public int Idle { get; init; }

    [JsonPropertyName("b")]
    public int Busy { get; init; }

    [JsonPropertyName("s")]
    public int Starting { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    [JsonPropertyName("w")]
    public int Waiting { get; init; }

    /// <summary>How many containers are kept although nobody calls: so many of the idle ones are not to be counted on by others.</summary>
    [JsonPropertyName("fl")]
    public int Floor { get; init; }

    /// <summary>Decayed mean of finished runs in milliseconds; null before the first.</summary>
    [JsonPropertyName("sv")]
    public double? ServiceMs { get; init; }

    /// <summary>What a start takes in milliseconds, with the expected wait for the start budget.</summary>
    [JsonPropertyName("sm")]
    public double StartMs { get; init; }

    /// <summary>When a slot was last given or given back.</summary>
    [JsonPropertyName("u")]
    public long UsedAt { get; init; }

    /// <summary>When the oldest of the running calls got its slot; null when none runs.</summary>
    [JsonPropertyName("o")]
    public long? RunningSince { get; init; }

    /// <summary>When the idle containers became idle, the least recently used first; at most <see cref="MostIdleListed"/>.</summary>
    [JsonPropertyName("is")]
    public IReadOnlyList<long> IdleSince { get; init; } = [];

    /// <summary>How long a container beyond the floor stays idle before it is ended, in milliseconds: that of this revision. Null: not told.</summary>
    [JsonPropertyName("it")]
    public long? IdleTimeoutMs { get; init; }

    /// <summary>Whether there is nothing to tell of it.</summary>
    [JsonIgnore]
    public bool IsEmpty => Idle + Busy + Starting + Waiting == 0;
}
