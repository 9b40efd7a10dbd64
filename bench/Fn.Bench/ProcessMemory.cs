using System.Diagnostics;
using System.Globalization;

namespace Fn.Bench;

/// <summary>What the kernel says of a process' memory and threads. All memory in KiB.</summary>
internal static class ProcessMemory
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Makes what is resident now the peak so far.</summary>
    public static Task ResetPeakAsync(int process, CancellationToken cancel) => File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5", cancel);

    /// <summary>The most that was resident since <see cref="ResetPeakAsync"/>.</summary>
    public static long Peak(int process) => Field($"/proc/{process}/status", "VmHWM:");

    public static long Resident(int process) => Field($"/proc/{process}/status", "VmRSS:");

    /// <summary>The part of it that nobody shares and that was written to: heaps, stacks, relocated data.</summary>
    public static long PrivateDirty(int process) => Field($"/proc/{process}/smaps_rollup", "Private_Dirty:");

    public static int Threads(int process) => Directory.GetDirectories($"/proc/{process}/task").Length;

    /// <summary>How many processes it has started that are still there.</summary>
    public static int Children(int process) => Directory.GetDirectories($"/proc/{process}/task").Sum(static thread => CountWords(Path.Combine(thread, "children")));

    /// <summary>Waits until so many of them are there; throws a <see cref="BenchException"/> after a minute.</summary>
    public static async Task HasChildrenAsync(int process, int count, CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var since = Stopwatch.GetTimestamp();
        while (Children(process) is var children && children != count)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new BenchException($"There are {children} containers where {count} should be.");
            await tick.WaitForNextTickAsync(cancel);
        }
    }

    private static int CountWords(string file)
    {
        try
        {
            return File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (IOException)
        {
            // The thread has ended; its children are now another thread's.
            return 0;
        }
    }

    private static long Field(string file, string name)
    {
        var line = File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
    }
}
