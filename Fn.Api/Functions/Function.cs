using System.Collections.Immutable;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>An image with its limits and settings, to be called by its id. Immutable.</summary>
internal sealed record Function
{
    public required string Id { get; init; }

    /// <summary>Unique in its app; never changes.</summary>
    public required string Name { get; init; }

    /// <summary>Never changes.</summary>
    public required string AppId { get; init; }

    public required string Image { get; init; }

    /// <summary>One of <see cref="FunctionFormat"/>.</summary>
    public required string Format { get; init; }

    /// <summary>Memory of one container in MiB.</summary>
    public required int Memory { get; init; }

    /// <summary>In seconds.</summary>
    public required int Timeout { get; init; }

    /// <summary>In seconds.</summary>
    public required int IdleTimeout { get; init; }

    public required ImmutableSortedDictionary<string, string> Config { get; init; }

    /// <summary>Key to compact JSON text.</summary>
    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>Its app's, as it was when the function was made.</summary>
    public required string Shape { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the writes; a write that is based on another one's past fails.</summary>
    public long RowVersion { get; init; }
}
