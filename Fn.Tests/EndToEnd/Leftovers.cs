using System.Globalization;
using System.Text;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>What a runner's containers have on this machine, seen from outside: their processes by the label in their environment, and their directories.</summary>
internal static class Leftovers
{
    /// <summary>The processes of a runner's containers, those included that left their container's process group.</summary>
    public static List<int> ProcessesOf(string runnerId)
    {
        var label = Encoding.ASCII.GetBytes($"FN_PROCESS_LABEL={runnerId}/");
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && Read(id, "environ").AsSpan().IndexOf(label) >= 0)
                found.Add(id);
        }
        return found;
    }

    public static List<string> DirectoriesOf(string runnerId) =>
        [.. Directory.EnumerateDirectories(Path.GetTempPath(), $"fn-process-{runnerId}-*"), .. Directory.EnumerateDirectories(Path.GetTempPath(), $"fn-{runnerId}")];

    public static void AssertNoneOf(string runnerId)
    {
        Assert.Empty(ProcessesOf(runnerId));
        Assert.Empty(DirectoriesOf(runnerId));
    }

    /// <summary>Whether a process runs. One that has ended and was not yet collected does not.</summary>
    public static bool IsAlive(int processId)
    {
        // PID (NAME) STATE …; the name may hold anything.
        var stat = Encoding.Latin1.GetString(Read(processId, "stat"));
        var state = stat.LastIndexOf(')') + 2;
        if (state >= stat.Length || stat[state] == 'X')
            return false;
        // Its first thread may have ended before the others, which still hold its pipes.
        return stat[state] != 'Z' || ThreadsOf(processId) > 1;
    }

    private static int ThreadsOf(int processId)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{processId}/task").Length;
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }

    private static byte[] Read(int processId, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{processId}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, maybe in the middle of being read, or is another user's.
            return [];
        }
    }
}
