using System.Collections.Immutable;

namespace Fn.Api.Triggers;

/// <summary>A path that calls a function. Immutable.</summary>
internal sealed record Trigger
{
    /// <summary>The one type there is.</summary>
    public const string HttpType = "http";

    public required string Id { get; init; }

    /// <summary>Unique on its function.</summary>
    public required string Name { get; init; }

    /// <summary>Never changes.</summary>
    public required string AppId { get; init; }

    public required string FunctionId { get; init; }

    /// <summary>Never changes.</summary>
    public required string Type { get; init; }

    /// <summary>The path below its app's, with the slash it begins with. Unique in its app and type.</summary>
    public required string Source { get; init; }

    /// <summary>Key to compact JSON text.</summary>
    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the writes; a write that is based on another one's past fails.</summary>
    public long RowVersion { get; init; }
}
