using System.Text;
using Fn.Api.Annotations;
using Fn.Api.Http;
using Fn.Api.Json;

namespace Fn.Api.Triggers;

/// <summary>How what was sent becomes a trigger, and what is wrong with it, in the contract's order.</summary>
internal static class TriggerRules
{
    /// <summary>Less than a database's index can hold, and more than fits a request line of common proxies together with the rest of it.</summary>
    public const int MaxSourceBytes = 2048;

    public static ApiError? CheckNew(TriggerInput input) => input switch
    {
        { Id.Length: > 0 } => TriggerErrors.IdGiven,
        { CreatedAt: not null } => TriggerErrors.CreatedAtGiven,
        { UpdatedAt: not null } => TriggerErrors.UpdatedAtGiven,
        _ => null,
    };

    public static Trigger New(TriggerInput input, string id, DateTimeOffset now) => new()
    {
        Id = id,
        Name = input.Name ?? "",
        AppId = input.AppId ?? "",
        FunctionId = input.FunctionId ?? "",
        Type = input.Type ?? "",
        Source = input.Source ?? "",
        Annotations = AnnotationRules.From(input.Annotations, EndpointAnnotations.HttpTrigger),
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>The trigger with a change merged into it; itself when that changes nothing.</summary>
    public static Trigger Merge(Trigger current, TriggerInput input, DateTimeOffset now)
    {
        var merged = current with
        {
            Name = Or(input.Name, current.Name),
            FunctionId = Or(input.FunctionId, current.FunctionId),
            Source = Or(input.Source, current.Source),
            Annotations = AnnotationRules.Merge(current.Annotations, input.Annotations, EndpointAnnotations.HttpTrigger),
        };
        return IsSame(current, merged) ? current : merged with { UpdatedAt = now };
    }

    /// <summary>The first thing wrong with a whole trigger; null when nothing is.</summary>
    public static ApiError? Check(Trigger trigger) => trigger switch
    {
        { AppId: "" } => TriggerErrors.MissingAppId,
        { Name: "" } => TriggerErrors.MissingName,
        _ when NameRules.IsTooLong(trigger.Name) => TriggerErrors.NameTooLong,
        _ when !NameRules.IsWord(trigger.Name) => TriggerErrors.InvalidName,
        { FunctionId: "" } => TriggerErrors.MissingFunctionId,
        { Type: not Trigger.HttpType } => TriggerErrors.InvalidType,
        { Source: "" } => TriggerErrors.MissingSource,
        { Source: not ['/', ..] } => TriggerErrors.SourceWithoutSlash,
        _ when Encoding.UTF8.GetByteCount(trigger.Source) > MaxSourceBytes => TriggerErrors.SourceTooLong,
        _ => AnnotationRules.Check(trigger.Annotations),
    };

    private static string Or(string? sent, string current) => string.IsNullOrEmpty(sent) ? current : sent;

    private static bool IsSame(Trigger one, Trigger other) =>
        one.Name == other.Name && one.FunctionId == other.FunctionId && one.Source == other.Source
        && StringMap.AreEqual(one.Annotations, other.Annotations);
}
