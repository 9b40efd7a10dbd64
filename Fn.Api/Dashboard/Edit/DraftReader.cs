using System.Globalization;
using System.Text;
using System.Text.Json;
using Fn.Api.Annotations;
using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;

namespace Fn.Api.Dashboard.Edit;

/// <summary>Reads a draft as what a client would send, and says of which field an error of the rules speaks.</summary>
internal static class DraftReader
{
    /// <param name="draft">What was typed.</param>
    /// <param name="current">The function that is changed; null for a new one. What the draft has no more is sent as taken out.</param>
    /// <param name="problem">What cannot be read; null: nothing.</param>
    public static FunctionInput Read(FunctionDraft draft, Function? current, out SaveOutcome? problem)
    {
        problem = null;
        var input = new FunctionInput
        {
            Image = draft.Image.Trim(),
            Format = draft.Format,
            Memory = (ulong)ReadNumber(draft.Memory, DraftField.Memory, "MiB", ref problem),
            Timeout = ReadNumber(draft.Timeout, DraftField.Timeout, "seconds", ref problem),
            IdleTimeout = ReadNumber(draft.IdleTimeout, DraftField.IdleTimeout, "seconds", ref problem),
            Config = ReadEntries(draft.Config, DraftField.Config, ref problem),
            Annotations = ReadAnnotations(draft.Annotations, ref problem),
        };
        // The rules take an empty image for one that was not sent.
        if (input.Image.Length == 0)
            problem ??= Wrong(FunctionErrors.MissingImage);
        if (current is not null)
        {
            foreach (var gone in current.Config.Keys.Where(key => !input.Config.ContainsKey(key)))
                input.Config[gone] = "";
            foreach (var gone in current.Annotations.Keys.Where(key => !input.Annotations.ContainsKey(key)))
                input.Annotations[gone] = "\"\"";
        }
        return input;
    }

    public static SaveOutcome Wrong(ApiError error) => SaveOutcome.Wrong(FieldOf(error), error.Message);

    private static DraftField FieldOf(ApiError error)
    {
        if (error == AppErrors.MissingName || error == AppErrors.NameTooLong || error == AppErrors.InvalidName || error == AppErrors.NotFound || error == FunctionErrors.MissingAppId)
            return DraftField.App;
        if (error == FunctionErrors.MissingName || error == FunctionErrors.NameTooLong || error == FunctionErrors.InvalidName || error == FunctionErrors.Exists)
            return DraftField.Name;
        if (error == FunctionErrors.MissingImage)
            return DraftField.Image;
        if (error == FunctionErrors.InvalidFormat)
            return DraftField.Format;
        if (error == FunctionErrors.InvalidMemory)
            return DraftField.Memory;
        if (error == FunctionErrors.InvalidTimeout)
            return DraftField.Timeout;
        if (error == FunctionErrors.InvalidIdleTimeout)
            return DraftField.IdleTimeout;
        return error == AnnotationRules.InvalidKey || error == AnnotationRules.KeyTooLong || error == AnnotationRules.InvalidValue
            || error == AnnotationRules.ValueTooLong || error == AnnotationRules.TooManyKeys ? DraftField.Annotations : DraftField.None;
    }

    private static int ReadNumber(string text, DraftField field, string unit, ref SaveOutcome? problem)
    {
        // Left empty: the default, or as it was.
        if (string.IsNullOrWhiteSpace(text))
            return 0;
        if (int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        problem ??= SaveOutcome.Wrong(field, $"This is no whole number of {unit}.");
        return 0;
    }

    private static Dictionary<string, string> ReadEntries(List<DraftEntry> entries, DraftField field, ref SaveOutcome? problem)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var key = entry.Key.Trim();
            if (key.Length == 0 && entry.Value.Length == 0)
                continue;
            if (key.Length == 0)
                problem ??= SaveOutcome.Wrong(field, "There is a value without a name.");
            else if (!map.TryAdd(key, entry.Value))
                problem ??= SaveOutcome.Wrong(field, $"{key} is there twice.");
        }
        return map;
    }

    private static Dictionary<string, string> ReadAnnotations(List<DraftEntry> entries, ref SaveOutcome? problem)
    {
        var map = ReadEntries(entries, DraftField.Annotations, ref problem);
        foreach (var (key, value) in map.ToList())
        {
            try
            {
                using var parsed = JsonDocument.Parse(value);
                map[key] = JsonText.Compact(Encoding.UTF8.GetBytes(value));
            }
            catch (JsonException)
            {
                problem ??= SaveOutcome.Wrong(DraftField.Annotations, $"The value of {key} is no JSON; text goes in quotes.");
            }
        }
        return map;
    }
}
