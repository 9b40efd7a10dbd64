using Fn.Api.Store;
using Fn.Api.Triggers;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>What the page of a function shows of its definition.</summary>
public sealed record FunctionSight
{
    public required string Id { get; init; }

    public required string AppId { get; init; }

    public required string AppName { get; init; }

    public required string Image { get; init; }

    public required string Format { get; init; }

    /// <summary>MiB.</summary>
    public required int Memory { get; init; }

    /// <summary>Seconds.</summary>
    public required int Timeout { get; init; }

    /// <summary>Seconds.</summary>
    public required int IdleTimeout { get; init; }

    public required IReadOnlyDictionary<string, string> Config { get; init; }

    /// <summary>The app's, less what the function overrides.</summary>
    public required IReadOnlyDictionary<string, string> AppConfig { get; init; }

    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string InvokeUrl { get; init; }

    /// <summary>Name and address of each trigger.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Triggers { get; init; }

    internal static FunctionSight Of(FunctionWithApp found, IReadOnlyList<Trigger> triggers, string baseUrl)
    {
        var (function, app) = found;
        return new FunctionSight
        {
            Id = function.Id,
            AppId = app.Id,
            AppName = app.Name,
            Image = function.Image,
            Format = function.Format,
            Memory = function.Memory,
            Timeout = function.Timeout,
            IdleTimeout = function.IdleTimeout,
            Config = function.Config,
            AppConfig = app.Config.RemoveRange(function.Config.Keys),
            Annotations = function.Annotations,
            CreatedAt = function.CreatedAt,
            UpdatedAt = function.UpdatedAt,
            InvokeUrl = $"{baseUrl}/invoke/{function.Id}",
            Triggers = [.. triggers.Select(trigger => KeyValuePair.Create(trigger.Name, $"{baseUrl}/t/{app.Name}{trigger.Source}"))],
        };
    }
}
