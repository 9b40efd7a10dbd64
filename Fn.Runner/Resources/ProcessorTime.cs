using System.Globalization;

namespace Fn.Runner.Resources;

/// <summary>Whether the processors have had anything left to give, from what the kernel counts for the whole machine.</summary>
internal static class ProcessorTime
{
    /// <summary>
    /// How long the machine's processors have been idle since it started: their sum, divided by how many this process may use. Two such times say what was left
    /// to give between them. Null: this system does not say. Costs some ten microseconds; <c>/proc/stat</c> has the same and much that takes longer.
    /// </summary>
    public static TimeSpan? Idle() => Idle(Environment.ProcessorCount, MemoryBudget.ReadFile);

    /// <param name="processors">How many this process may use.</param>
    /// <param name="read">Reads a file of /proc; null when it is not there.</param>
    public static TimeSpan? Idle(int processors, Func<string, string?> read)
    {
        // Seconds since the start, and seconds of all processors without anything to run.
        if (read("/proc/uptime")?.TrimEnd('\n').Split(' ') is not [_, var idle])
            return null;
        return decimal.TryParse(idle, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond / processors))
            : null;
    }
}
