using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>JSON of what gateway and runner tell each other. Unknown fields are ignored, so that the two can be of different versions.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(FunctionSpec))]
[JsonSerializable(typeof(RunnerStatus))]
[JsonSerializable(typeof(EvictedCount))]
[JsonSerializable(typeof(RunnerLogLine))]
[JsonSerializable(typeof(WarmState))]
public sealed partial class WireJson : JsonSerializerContext;
