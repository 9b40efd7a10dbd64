using System.Collections.Immutable;

namespace Fn.Api.Json;

/// <summary>Maps of strings as they are kept: immutable, keys in the order of their bytes. Config maps hold plain text, annotation maps compact JSON text.</summary>
internal static class StringMap
{
    public static readonly ImmutableSortedDictionary<string, string> Empty =
        ImmutableSortedDictionary.Create<string, string>(Utf8Order.Instance, StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, string> From(IReadOnlyDictionary<string, string>? map) => map is null ? Empty : Empty.AddRange(map);

    /// <summary>The map with the changes in it: an entry whose value is a deletion is taken out, any other set.</summary>
    public static ImmutableSortedDictionary<string, string> Merge(
        ImmutableSortedDictionary<string, string> map, IReadOnlyDictionary<string, string>? changes, Func<string, bool> isDeletion)
    {
        foreach (var (key, value) in changes ?? Empty)
            map = isDeletion(value) ? map.Remove(key) : map.SetItem(key, value);
        return map;
    }

    public static bool AreEqual(ImmutableSortedDictionary<string, string> one, ImmutableSortedDictionary<string, string> other) =>
        ReferenceEquals(one, other) || one.SequenceEqual(other);

    /// <summary>A JSON object of the values as strings.</summary>
    public static void WriteStrings(JsonTextWriter json, ImmutableSortedDictionary<string, string> map)
    {
        json.StartObject();
        foreach (var (key, value) in map)
            json.Field(key, value);
        json.EndObject();
    }

    /// <summary>A JSON object of the values as the JSON they are.</summary>
    public static void WriteValues(JsonTextWriter json, ImmutableSortedDictionary<string, string> map)
    {
        json.StartObject();
        foreach (var (key, value) in map)
        {
            json.Name(key);
            json.Raw(value);
        }
        json.EndObject();
    }

    /// <summary>Reads what <see cref="WriteStrings"/> wrote.</summary>
    public static ImmutableSortedDictionary<string, string> ParseStrings(ReadOnlySpan<byte> json) => From(new JsonValueReader(json).ReadStrings(null));

    /// <summary>Reads what <see cref="WriteValues"/> wrote.</summary>
    public static ImmutableSortedDictionary<string, string> ParseValues(ReadOnlySpan<byte> json) => From(new JsonValueReader(json).ReadValues(null));
}
