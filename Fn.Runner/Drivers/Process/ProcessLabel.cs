namespace Fn.Runner.Drivers.Process;

/// <summary>The mark that a container's processes carry in their environment, inherited by whatever they start: <c>runner/container</c>.</summary>
internal static class ProcessLabel
{
    public const string Variable = "FN_PROCESS_LABEL";

    public static string Of(string runnerId, string containerId) => $"{runnerId}/{containerId}";

    /// <summary>Whether a label is one of these: a whole label, or <c>runner/</c> for all of a runner's containers.</summary>
    public static bool Matches(string label, string wanted) =>
        wanted.EndsWith('/') ? label.StartsWith(wanted, StringComparison.Ordinal) : label.Equals(wanted, StringComparison.Ordinal);
}
