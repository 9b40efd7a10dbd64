using Fn.Api.Functions;

namespace Fn.Api.Dashboard.Edit;

/// <summary>What a form holds while somebody fills it in: text as it was typed.</summary>
public sealed class FunctionDraft
{
    public string App { get; set; } = "";

    public string Name { get; set; } = "";

    public string Image { get; set; } = "";

    public string Format { get; set; } = "";

    /// <summary>MiB.</summary>
    public string Memory { get; set; } = "";

    /// <summary>Seconds.</summary>
    public string Timeout { get; set; } = "";

    /// <summary>Seconds.</summary>
    public string IdleTimeout { get; set; } = "";

    public List<DraftEntry> Config { get; } = [];

    /// <summary>Values are JSON.</summary>
    public List<DraftEntry> Annotations { get; } = [];

    internal static FunctionDraft Of(Function function)
    {
        var draft = new FunctionDraft
        {
            Name = function.Name,
            Image = function.Image,
            Format = function.Format,
            Memory = $"{function.Memory}",
            Timeout = $"{function.Timeout}",
            IdleTimeout = $"{function.IdleTimeout}",
        };
        draft.Config.AddRange(function.Config.Select(entry => new DraftEntry { Key = entry.Key, Value = entry.Value }));
        draft.Annotations.AddRange(function.Annotations.Select(entry => new DraftEntry { Key = entry.Key, Value = entry.Value }));
        return draft;
    }
}

/// <summary>A line of config or annotations.</summary>
public sealed class DraftEntry
{
    public string Key { get; set; } = "";

    public string Value { get; set; } = "";
}

/// <summary>The parts of the form, to say where something is wrong.</summary>
public enum DraftField
{
    /// <summary>Nowhere in particular.</summary>
    None,
    App,
    Name,
    Image,
    Format,
    Memory,
    Timeout,
    IdleTimeout,
    Config,
    Annotations,
}

/// <summary>What became of saving a draft: the function's id, or what is wrong and where.</summary>
public sealed record SaveOutcome(string? FunctionId, DraftField Field, string? Problem)
{
    public static SaveOutcome Saved(string functionId) => new(functionId, DraftField.None, null);

    public static SaveOutcome Wrong(DraftField field, string problem) => new(null, field, problem);
}
