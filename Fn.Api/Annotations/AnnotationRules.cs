using System.Collections.Immutable;
using System.Text;
using Fn.Api.Http;
using Fn.Api.Json;

namespace Fn.Api.Annotations;

/// <summary>What annotations may be, and how a change of them is merged. Values are compact JSON text.</summary>
internal static class AnnotationRules
{
    public const int MaxKeyBytes = 128;
    public const int MaxValueBytes = 512;
    public const int MaxKeys = 100;

    public static readonly ApiError InvalidKey =
        new(400, "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace");

    public static readonly ApiError KeyTooLong = new(400, "Invalid annotation key length, annotation keys may not be larger than 128 bytes");

    public static readonly ApiError InvalidValue =
        new(400, "Invalid annotation value, annotation values may only be non-empty strings, numbers, objects, or arrays");

    public static readonly ApiError ValueTooLong =
        new(400, "Invalid annotation value length, annotation values may not be larger than 512 bytes when serialized as JSON");

    public static readonly ApiError TooManyKeys =
        new(400, "Invalid annotation change, new key(s) exceed maximum permitted number of annotations keys (100)");

    /// <summary>True for a value that means "take this key out" in a change, and that may not be set.</summary>
    public static bool IsEmpty(string value) => value is "\"\"" or "null";

    /// <summary>The annotations with a change merged into them.</summary>
    /// <param name="current">What is there.</param>
    /// <param name="change">What was sent; null when nothing was.</param>
    /// <param name="serverKey">The key the server itself sets in answers: clients send it back, and what they send is dropped.</param>
    public static ImmutableSortedDictionary<string, string> Merge(
        ImmutableSortedDictionary<string, string> current, IReadOnlyDictionary<string, string>? change, string? serverKey = null)
    {
        var merged = StringMap.Merge(current, change, IsEmpty);
        return serverKey is null ? merged : merged.Remove(serverKey);
    }

    /// <summary>The annotations of something new: what was sent, less the server's own key.</summary>
    public static ImmutableSortedDictionary<string, string> From(IReadOnlyDictionary<string, string>? sent, string? serverKey = null)
    {
        var map = StringMap.From(sent);
        return serverKey is null ? map : map.Remove(serverKey);
    }

    /// <summary>The first thing wrong with a whole set of annotations; null when nothing is.</summary>
    public static ApiError? Check(ImmutableSortedDictionary<string, string> annotations)
    {
        foreach (var (key, value) in annotations)
        {
            if (CheckEntry(key, value) is { } problem)
                return problem;
        }
        return annotations.Count > MaxKeys ? TooManyKeys : null;
    }

    /// <summary>What is wrong with one of them; null when nothing is.</summary>
    public static ApiError? CheckEntry(string key, string value)
    {
        if (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return InvalidKey;
        if (key.Length > MaxKeyBytes)
            return KeyTooLong;
        if (IsEmpty(value))
            return InvalidValue;
        return Encoding.UTF8.GetByteCount(value) > MaxValueBytes ? ValueTooLong : null;
    }
}
