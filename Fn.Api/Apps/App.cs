using System.Collections.Immutable;

namespace Fn.Api.Apps;

/// <summary>What functions that belong together share: config, annotations, a name. Immutable.</summary>
internal sealed record App
{
    public required string Id { get; init; }

    /// <summary>Unique; never changes.</summary>
    public required string Name { get; init; }

    public required ImmutableSortedDictionary<string, string> Config { get; init; }

    /// <summary>Key to compact JSON text.</summary>
    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>Null and the empty string both mean none; clients see the difference.</summary>
    public string? SyslogUrl { get; init; }

    /// <summary>Processors its functions are built for; the empty string when not said. Never changes.</summary>
    public required string Shape { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the writes; a write that is based on another one's past fails.</summary>
    public long RowVersion { get; init; }
}
