using System.Text;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers;

/// <summary>What the kernel takes as an environment. Checked before a container is made, so that the function's owner reads the key and not an errno.</summary>
internal static class EnvironmentLimits
{
    /// <summary>The kernel's MAX_ARG_STRLEN in bytes: one <c>KEY=VALUE</c> with its terminating zero.</summary>
    public const int MaxEntry = 128 * 1024;

    /// <summary>Null when every entry can be passed to a process; else which one cannot, and why.</summary>
    public static CallFailure? Check(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (key, value) in environment)
        {
            if (key.Length == 0 || key.Contains('=', StringComparison.Ordinal) || key.Contains('\0', StringComparison.Ordinal))
                return Failed($"\"{key.Replace('\0', '?')}\" cannot be the name of an environment variable");
            if (value.Contains('\0', StringComparison.Ordinal))
                return Failed($"the value of {key} has a NUL character, which no environment variable can hold");
            var bytes = (long)Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + 2;
            if (bytes > MaxEntry)
                return Failed($"{key} takes {bytes} bytes of environment, more than the {MaxEntry} that one variable may take");
        }
        return null;
    }

    private static CallFailure Failed(string detail) => new(CallError.InitializationFailed) { Detail = detail };
}
