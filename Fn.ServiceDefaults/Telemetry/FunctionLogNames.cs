namespace Fn.ServiceDefaults.Telemetry;

/// <summary>The names in the log record of a function's line, which whoever writes it and whoever sends it have to agree on.</summary>
public static class FunctionLogNames
{
    public const string Category = "Fn.Function";
    public const string Line = "Line";
    public const string FunctionName = "FunctionName";
    public const string FunctionId = "FunctionId";
    public const string CallId = "CallId";
    public const string ContainerId = "ContainerId";
}
