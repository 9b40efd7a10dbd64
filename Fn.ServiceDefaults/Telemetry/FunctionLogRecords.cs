using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// Makes of a line that a function logged a record whose body is that line alone, with the function, the container and the call under the names of the
/// conventions; on the console they stand behind it.
/// </summary>
internal sealed class FunctionLogRecords : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.CategoryName != FunctionLogNames.Category || data.Attributes is not { } given)
            return;
        var attributes = new List<KeyValuePair<string, object?>>(given.Count);
        foreach (var (name, value) in given)
        {
            if (name == FunctionLogNames.Line)
                data.FormattedMessage = value as string;
            else if (TagOf(name) is { } tag && value is not null)
                attributes.Add(new(tag, value));
        }
        data.Attributes = attributes;
    }

    private static string? TagOf(string name) => name switch
    {
        FunctionLogNames.FunctionName => FaasTags.Name,
        FunctionLogNames.FunctionId => FaasTags.FunctionId,
        FunctionLogNames.CallId => FaasTags.InvocationId,
        FunctionLogNames.ContainerId => FaasTags.Instance,
        "{OriginalFormat}" => null,
        _ => name,
    };
}
