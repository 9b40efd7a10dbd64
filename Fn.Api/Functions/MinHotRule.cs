using System.Collections.Immutable;
using System.Globalization;
using Fn.Api.Http;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>
/// How many containers are kept has two ways in, like the format: the field <c>min_hot</c>, and the annotation, which is what is stored. Clients send back both
/// as they got them, so whichever differs from what is there is the change; the field first.
/// </summary>
internal static class MinHotRule
{
    /// <summary>The annotations as a change leaves them.</summary>
    /// <param name="before">Those that the function had.</param>
    /// <param name="merged">Those with the sent ones merged into them.</param>
    /// <param name="field">The field sent; null when none was.</param>
    public static ImmutableSortedDictionary<string, string> Apply(
        ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string> merged, int? field)
    {
        if (field is not { } count || count == Read(before))
            return merged;
        return count == 0
            ? merged.Remove(FunctionSpec.MinHotAnnotation)
            : merged.SetItem(FunctionSpec.MinHotAnnotation, count.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How many are to be kept; 0 when the annotations do not say.</summary>
    public static int Read(IReadOnlyDictionary<string, string> annotations) =>
        annotations.TryGetValue(FunctionSpec.MinHotAnnotation, out var text) && TryRead(text, out var count) ? count : 0;

    /// <summary>What is wrong with a function's annotations; null when nothing is.</summary>
    public static ApiError? Check(IReadOnlyDictionary<string, string> annotations, string format)
    {
        if (annotations.TryGetValue(FunctionSpec.WarmUpdateAnnotation, out var warm) && warm is not ("true" or "false"))
            return FunctionErrors.InvalidWarmUpdate;
        if (!annotations.TryGetValue(FunctionSpec.MinHotAnnotation, out var text))
            return null;
        if (!TryRead(text, out var count) || count is < 0 or > FunctionSpec.MostMinHot)
            return FunctionErrors.InvalidMinHot;
        if (annotations.TryGetValue(FunctionSpec.MaxContainersAnnotation, out var most) && TryRead(most, out var max) && max > 0 && count > max)
            return FunctionErrors.MinHotAboveMax;
        return count > 0 && format == FunctionFormat.Default ? FunctionErrors.MinHotOfColdFormat : null;
    }

    private static bool TryRead(string text, out int number) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
