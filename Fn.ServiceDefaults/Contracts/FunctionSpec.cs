using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>What a runner has to know of a function to run it. Immutable; two specs with the same <see cref="Revision"/> have interchangeable containers.</summary>
public sealed class FunctionSpec
{
    /// <summary>Most that <see cref="MinHot"/> can be.</summary>
    public const int MostMinHot = 1000;

    public const string MaxContainersAnnotation = "fn.max_containers";
    public const string MinHotAnnotation = "fn.min_hot";
    public const string WarmUpdateAnnotation = "fn.warm_update";

    private string? _revision;
    private int? _minHot;

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
        Annotations.TryGetValue(MaxContainersAnnotation, out var text) && int.TryParse(text, out var max) && max > 0 ? max : null;

    /// <summary>
    /// How many containers are kept although nobody calls, from the annotation <c>fn.min_hot</c>; 0 to <see cref="MostMinHot"/>, and never more than
    /// <see cref="MaxContainers"/>. 0 for a format whose containers serve one call.
    /// </summary>
    [JsonIgnore]
    public int MinHot => _minHot ??= FindMinHot();

    /// <summary>
    /// Whether calls go on to the revision before until the containers of a new one are ready: where containers are kept at all, unless the annotation
    /// <c>fn.warm_update</c> is false.
    /// </summary>
    [JsonIgnore]
    public bool UpdatesWarm => MinHot > 0 && !(Annotations.TryGetValue(WarmUpdateAnnotation, out var text) && text == "false");

    /// <summary>Hash of everything that makes containers interchangeable: 32 lower-case hex digits.</summary>
    [JsonIgnore]
    public string Revision => _revision ??= ComputeRevision();

    private string ComputeRevision()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> prefix = stackalloc byte[4];
        foreach (var part in (IEnumerable<string>)
            [FunctionId, AppId, AppName, FunctionName, Image, Format, $"{MemoryMiB} {TimeoutSeconds} {IdleTimeoutSeconds}", .. Sorted(Config).SelectMany(Parts), "", .. Sorted(Annotations).Where(MattersToContainers).SelectMany(Parts)])
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BitConverter.TryWriteBytes(prefix, bytes.Length);
            hash.AppendData(prefix);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private int FindMinHot()
    {
        if (Format == FunctionFormat.Default || !Annotations.TryGetValue(MinHotAnnotation, out var text) || !int.TryParse(text, out var count))
            return 0;
        return Math.Min(Math.Clamp(count, 0, MostMinHot), MaxContainers ?? MostMinHot);
    }

    private static IEnumerable<KeyValuePair<string, string>> Sorted(IReadOnlyDictionary<string, string> map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    // How many are kept, and how a revision takes the place of the one before, says nothing of the containers: a change of it must not cost them.
    private static bool MattersToContainers(KeyValuePair<string, string> annotation) => annotation.Key is not (MinHotAnnotation or WarmUpdateAnnotation);

    private static string[] Parts(KeyValuePair<string, string> pair) => [pair.Key, pair.Value];
}
