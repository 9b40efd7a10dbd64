using Fn.Api.Annotations;
using Fn.Api.Http;
using Fn.Api.Json;

namespace Fn.Api.Apps;

/// <summary>How what was sent becomes an app, and what is wrong with it, in the contract's order.</summary>
internal static class AppRules
{
    public static ApiError? CheckNew(AppInput input) => string.IsNullOrEmpty(input.Id) ? null : AppErrors.IdGiven;

    public static App New(AppInput input, string id, DateTimeOffset now) => new()
    {
        Id = id,
        Name = input.Name ?? "",
        Config = StringMap.From(input.Config),
        Annotations = AnnotationRules.From(input.Annotations),
        SyslogUrl = input.SyslogUrl,
        Shape = input.Shape ?? "",
        CreatedAt = now,
        UpdatedAt = now,
    };

    public static ApiError? CheckUpdate(App current, AppInput input) =>
        string.IsNullOrEmpty(input.Name) || input.Name == current.Name ? null : AppErrors.NameImmutable;

    /// <summary>The app with what was sent merged into it. The shape stays: it is set once.</summary>
    public static App Merge(App current, AppInput input, DateTimeOffset now)
    {
        var merged = current with
        {
            Config = StringMap.Merge(current.Config, input.Config, static value => value.Length == 0),
            Annotations = AnnotationRules.Merge(current.Annotations, input.Annotations),
            SyslogUrl = input.SyslogUrl switch { null => current.SyslogUrl, "" => null, var url => url },
        };
        return IsSame(current, merged) ? current : merged with { UpdatedAt = now };
    }

    /// <summary>The first thing wrong with a whole app; null when nothing is.</summary>
    public static ApiError? Check(App app) =>
        CheckName(app.Name) ?? AnnotationRules.Check(app.Annotations) ?? CheckSyslogUrl(app.SyslogUrl) ?? CheckShape(app.Shape);

    private static bool IsSame(App one, App other) =>
        one.SyslogUrl == other.SyslogUrl && StringMap.AreEqual(one.Config, other.Config) && StringMap.AreEqual(one.Annotations, other.Annotations);

    private static ApiError? CheckName(string name) => name switch
    {
        "" => AppErrors.MissingName,
        _ when NameRules.IsTooLong(name) => AppErrors.NameTooLong,
        _ when !NameRules.IsWord(name) => AppErrors.InvalidName,
        _ => null,
    };

    private static ApiError? CheckSyslogUrl(string? url) =>
        !string.IsNullOrEmpty(url) && SyslogUrl.FindProblem(url) is { } problem ? AppErrors.InvalidSyslogUrl(url, problem) : null;

    private static ApiError? CheckShape(string shape) => shape is "" or "GENERIC_X86" or "GENERIC_ARM" or "GENERIC_X86_ARM" ? null : AppErrors.InvalidShape;
}
