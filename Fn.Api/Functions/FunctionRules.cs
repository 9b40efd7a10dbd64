using System.Collections.Immutable;
using Fn.Api.Annotations;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>How what was sent becomes a function, and what is wrong with it, in the contract's order.</summary>
internal static class FunctionRules
{
    public const int DefaultMemory = 128;
    public const int DefaultTimeout = 30;
    public const int DefaultIdleTimeout = 30;
    public const int MaxMemory = 8192;
    public const int MaxTimeout = 300;
    public const int MaxIdleTimeout = 3600;

    /// <summary>The first thing wrong with what was sent for a new function; null when nothing is.</summary>
    public static ApiError? CheckNew(FunctionInput input)
    {
        if (!string.IsNullOrEmpty(input.Id))
            return FunctionErrors.IdGiven;
        if (string.IsNullOrEmpty(input.AppId))
            return FunctionErrors.MissingAppId;
        if (string.IsNullOrEmpty(input.Name))
            return FunctionErrors.MissingName;
        if (NameRules.IsTooLong(input.Name))
            return FunctionErrors.NameTooLong;
        if (!NameRules.IsPathSegment(input.Name))
            return FunctionErrors.InvalidName;
        if (string.IsNullOrEmpty(input.Image))
            return FunctionErrors.MissingImage;
        return CheckSettings(input, FunctionFormat.HttpStream) ?? CheckAnnotations(NewAnnotations(input), FunctionFormat.HttpStream, input);
    }

    /// <param name="input">What was sent, checked.</param>
    /// <param name="id">Its id.</param>
    /// <param name="shape">Its app's shape.</param>
    /// <param name="now">The time.</param>
    public static Function New(FunctionInput input, string id, string shape, DateTimeOffset now)
    {
        var format = FormatRule.Resolve(FunctionFormat.HttpStream, input.Format, input.Annotations);
        return new Function
        {
            Id = id,
            Name = input.Name!,
            AppId = input.AppId!,
            Image = input.Image!,
            Format = format,
            Memory = input.Memory == 0 ? DefaultMemory : (int)input.Memory,
            Timeout = input.Timeout == 0 ? DefaultTimeout : input.Timeout,
            IdleTimeout = input.IdleTimeout == 0 ? DefaultIdleTimeout : input.IdleTimeout,
            Config = StringMap.From(input.Config),
            Annotations = FormatRule.KeepInStep(NewAnnotations(input), format),
            Shape = shape,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>The first thing wrong with a change of a function; null when nothing is.</summary>
    public static ApiError? CheckUpdate(Function current, FunctionInput input) =>
        CheckSettings(input, current.Format) ?? CheckAnnotations(MergeAnnotations(current, input), current.Format, input);

    /// <summary>The function with a change, checked, merged into it; itself when that changes nothing.</summary>
    public static Function Merge(Function current, FunctionInput input, DateTimeOffset now)
    {
        var format = FormatRule.Resolve(current.Format, input.Format, input.Annotations);
        var merged = current with
        {
            Image = string.IsNullOrEmpty(input.Image) ? current.Image : input.Image,
            Format = format,
            Memory = input.Memory == 0 ? current.Memory : (int)input.Memory,
            Timeout = input.Timeout == 0 ? current.Timeout : input.Timeout,
            IdleTimeout = input.IdleTimeout == 0 ? current.IdleTimeout : input.IdleTimeout,
            Config = StringMap.Merge(current.Config, input.Config, static value => value.Length == 0),
            Annotations = FormatRule.KeepInStep(MergeAnnotations(current, input), format),
        };
        return IsSame(current, merged) ? current : merged with { UpdatedAt = now };
    }

    private static ImmutableSortedDictionary<string, string> NewAnnotations(FunctionInput input) =>
        MinHotRule.Apply(StringMap.Empty, AnnotationRules.From(input.Annotations, EndpointAnnotations.Invoke), input.MinHot);

    private static ImmutableSortedDictionary<string, string> MergeAnnotations(Function current, FunctionInput input) =>
        MinHotRule.Apply(current.Annotations, AnnotationRules.Merge(current.Annotations, input.Annotations, EndpointAnnotations.Invoke), input.MinHot);

    private static ApiError? CheckAnnotations(ImmutableSortedDictionary<string, string> annotations, string currentFormat, FunctionInput input) =>
        AnnotationRules.Check(annotations) ?? MinHotRule.Check(annotations, FormatRule.Resolve(currentFormat, input.Format, input.Annotations));

    private static ApiError? CheckSettings(FunctionInput input, string currentFormat)
    {
        if (!FunctionFormat.IsKnown(FormatRule.Resolve(currentFormat, input.Format, input.Annotations)))
            return FunctionErrors.InvalidFormat;
        if (input.Timeout is < 0 or > MaxTimeout)
            return FunctionErrors.InvalidTimeout;
        if (input.IdleTimeout is < 0 or > MaxIdleTimeout)
            return FunctionErrors.InvalidIdleTimeout;
        return input.Memory > MaxMemory ? FunctionErrors.InvalidMemory : null;
    }

    private static bool IsSame(Function one, Function other) =>
        one.Image == other.Image && one.Format == other.Format && one.Memory == other.Memory && one.Timeout == other.Timeout
        && one.IdleTimeout == other.IdleTimeout && StringMap.AreEqual(one.Config, other.Config) && StringMap.AreEqual(one.Annotations, other.Annotations);
}
