using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Registry;

/// <summary>What changed on a runner since its last report; or, when <see cref="Full"/>, all there is.</summary>
public sealed record RegistryReport
{
    [JsonPropertyName("r")]
    public required RunnerRecord Runner { get; init; }

    /// <summary>Pools by revision: those that changed, or all.</summary>
    [JsonPropertyName("p")]
    public IReadOnlyDictionary<string, PoolRecord> Pools { get; init; } = new Dictionary<string, PoolRecord>();

    /// <summary>Revisions that have no containers any more.</summary>
    [JsonPropertyName("g")]
    public IReadOnlyList<string> Gone { get; init; } = [];

    /// <summary>Whether pools that are not named are gone too.</summary>
    [JsonPropertyName("full")]
    public bool Full { get; init; }
}

/// <summary>JSON of the registry. Unknown fields are ignored, so that members of neighbouring versions understand each other.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(RegistryReport))]
[JsonSerializable(typeof(RunnerRecord))]
[JsonSerializable(typeof(PoolRecord))]
internal sealed partial class RegistryJson : JsonSerializerContext;
