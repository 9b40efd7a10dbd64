using System.Globalization;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats;

/// <summary>The variables that every format sets. They win over config of the same name.</summary>
internal static class PlatformEnvironment
{
    /// <summary>A deadline as functions read it: RFC 3339, whole seconds, UTC.</summary>
    public static string Deadline(DateTimeOffset deadline) => deadline.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static void Add(IDictionary<string, string> environment, FunctionSpec function, bool detached)
    {
        environment["FN_FORMAT"] = function.Format;
        environment["FN_MEMORY"] = function.MemoryMiB.ToString(CultureInfo.InvariantCulture);
        environment["FN_TYPE"] = detached ? "async" : "sync";
        environment["FN_FN_ID"] = function.FunctionId;
        environment["FN_APP_ID"] = function.AppId;
        environment["FN_APP_NAME"] = function.AppName;
        environment["FN_FN_NAME"] = function.FunctionName;
    }
}
