using System.Globalization;
using Fn.Api.Annotations;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Triggers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Deploy;

/// <summary>
/// Names the line and field of a func.yaml at which a value stands that the rules of the management API refuse. What was sent as JSON has no lines, and keeps
/// the messages that <c>/v2</c> has.
/// </summary>
/// <param name="root">The fields of the file; null: it was JSON.</param>
internal sealed class FuncYamlPlaces(YamlFields? root)
{
    public static FuncYamlPlaces None { get; } = new(null);

    /// <summary>A problem with the function itself.</summary>
    public ApiError Place(ApiError problem, FunctionInput input) => problem switch
    {
        _ when problem == FunctionErrors.MissingImage => At(problem, "image"),
        _ when problem == FunctionErrors.InvalidFormat => At(problem, "annotations", FormatRule.Annotation),
        _ when problem == FunctionErrors.InvalidWarmUpdate => At(problem, "annotations", FunctionSpec.WarmUpdateAnnotation),
        _ when problem == FunctionErrors.InvalidMinHot || problem == FunctionErrors.MinHotAboveMax || problem == FunctionErrors.MinHotOfColdFormat =>
            input.MinHot is not null ? At(problem, "min_hot") : At(problem, "annotations", FunctionSpec.MinHotAnnotation),
        _ when problem == AnnotationRules.TooManyKeys => At(problem, "annotations"),
        _ when input.Annotations?.FirstOrDefault(entry => AnnotationRules.CheckEntry(entry.Key, entry.Value) == problem) is { Key: { } key } => At(problem, "annotations", key),
        // Its name, which is not the file's to say.
        _ => problem,
    };

    /// <summary>A problem with one of the triggers.</summary>
    public ApiError PlaceTrigger(ApiError problem, int index)
    {
        // The path of the older forms is the last trigger.
        if (root is null || root.Items("triggers").Count() <= index)
            return At(problem, "path");
        var field = problem switch
        {
            _ when problem == TriggerErrors.InvalidType => "type",
            _ when problem == TriggerErrors.NameTooLong || problem == TriggerErrors.InvalidName || problem == TriggerErrors.Exists => "name",
            _ => "source",
        };
        return At(problem, "triggers", index.ToString(CultureInfo.InvariantCulture), field);
    }

    /// <summary>A problem with a key of config that the file expects.</summary>
    public ApiError PlaceExpected(ApiError problem, string key)
    {
        if (root?.Fields("expects") is not { } expects)
            return problem;
        var index = expects.Items("config").TakeWhile(fields => fields.Text("name") != key).Count();
        return At(problem, "expects", "config", index.ToString(CultureInfo.InvariantCulture), "name");
    }

    private ApiError At(ApiError problem, params string[] path) => root is null
        ? problem
        : new ApiError(problem.Status, $"Invalid func.yaml: line {root.LineOf(path)}: {string.Join('.', path.Where(step => !char.IsAsciiDigit(step[0])))}: {problem.Message}");
}
