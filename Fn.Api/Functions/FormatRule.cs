using System.Collections.Immutable;
using System.Text;
using Fn.Api.Annotations;
using Fn.Api.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>
/// A function's format has two ways in: its field, and an annotation for clients that know no such field. Clients send back both as they got them, so
/// whichever differs from what is there is the change; the field first.
/// </summary>
internal static class FormatRule
{
    public const string Annotation = "fn.format";

    /// <summary>The format a function has after a change. It need not be one that is known.</summary>
    /// <param name="current">The format it has.</param>
    /// <param name="field">The field sent; null or empty when none was.</param>
    /// <param name="annotations">The annotations sent; null when none were.</param>
    public static string Resolve(string current, string? field, IReadOnlyDictionary<string, string>? annotations)
    {
        if (!string.IsNullOrEmpty(field) && field != current)
            return field;
        return annotations is not null && annotations.TryGetValue(Annotation, out var value) ? Read(value) : current;
    }

    /// <summary>The annotations with the format's, if it is among them, saying what the format is.</summary>
    public static ImmutableSortedDictionary<string, string> KeepInStep(ImmutableSortedDictionary<string, string> annotations, string format) =>
        annotations.ContainsKey(Annotation) ? annotations.SetItem(Annotation, $"\"{format}\"") : annotations;

    private static string Read(string value)
    {
        if (AnnotationRules.IsEmpty(value))
            return FunctionFormat.HttpStream;
        // What is no string is no format either: it is kept as it is, and refused.
        return value[0] == '"' ? new JsonValueReader(Encoding.UTF8.GetBytes(value)).ReadString(null)! : value;
    }
}
