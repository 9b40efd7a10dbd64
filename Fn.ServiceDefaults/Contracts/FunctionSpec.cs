using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>What a runner has to know of a function to run it. Immutable; two specs with the same <see cref="Revision"/> have interchangeable containers.</summary>
public sealed class FunctionSpec
{
    private string? _revision;

    public required string FunctionId { get; init; }

    public required string FunctionName { get; init; }

    public required string AppId { get; init; }

    public required string AppName { get; init; }

    /// <summary>What to run: <c>process:PATH [ARGS]</c>, or an image reference.</summary>
    public required string Image { get; init; }

    /// <summary>One of <see cref="FunctionFormat"/>.</summary>
    public required string Format { get; init; }

    /// <summary>Memory of one container in MiB, 1..8192.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>From the slot to the last byte of the answer, in seconds, 1..300.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>How long an idle container is kept, in seconds, 1..3600.</summary>
    public required int IdleTimeoutSeconds { get; init; }

    /// <summary>The app's config overridden by the function's.</summary>
    public required IReadOnlyDictionary<string, string> Config { get; init; }

    /// <summary>The app's annotations merged with the function's: key to compact JSON text.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    [JsonIgnore]
    public long MemoryBytes => MemoryMiB * 1024L * 1024L;

    [JsonIgnore]
    public TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    [JsonIgnore]
    public TimeSpan IdleTimeout => TimeSpan.FromSeconds(IdleTimeoutSeconds);

    /// <summary>Most containers at once, from the annotation <c>fn.max_containers</c>; null: no limit but memory.</summary>
    [JsonIgnore]
    public int? MaxContainers =>
        Annotations.TryGetValue("fn.max_containers", out var text) && int.TryParse(text, out var max) && max > 0 ? max : null;

    /// <summary>Hash of everything that makes containers interchangeable: 32 lower-case hex digits.</summary>
    [JsonIgnore]
    public string Revision => _revision ??= ComputeRevision();

    private string ComputeRevision()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> prefix = stackalloc byte[4];
        foreach (var part in (IEnumerable<string>)
            [FunctionId, AppId, AppName, FunctionName, Image, Format, $"{MemoryMiB} {TimeoutSeconds} {IdleTimeoutSeconds}", .. Sorted(Config), "", .. Sorted(Annotations)])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BitConverter.TryWriteBytes(prefix, bytes.Length);
            hash.AppendData(prefix);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static IEnumerable<string> Sorted(IReadOnlyDictionary<string, string> map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => (string[])[pair.Key, pair.Value]);
}
