using System.Globalization;
using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>
/// Makes this process the parent of what a runtime leaves behind when it ends: the container's first process, whose exit code only a parent is told. In force
/// only while runtimes start something, for it holds for the whole process: orphans of other children are nobody's here. Static as the kernel's flag is.
/// </summary>
internal static partial class Adoption
{
    private const int SetChildSubreaper = 36;
    private const int GetChildSubreaper = 37;
    private const int DoNotWait = 1;
    private const int NoChild = 10;
    private const int SignalMask = 0x7f;

    private static readonly Lock Sync = new();
    private static int _holders;
    private static int _before;

    /// <summary>To be called before the runtime is started, and undone when it has ended.</summary>
    public static void Begin()
    {
        lock (Sync)
        {
            if (_holders++ > 0)
                return;
            _ = Control(GetChildSubreaper, out _before);
            _ = Control(SetChildSubreaper, 1);
        }
    }

    public static void End()
    {
        lock (Sync)
        {
            if (--_holders == 0)
                _ = Control(SetChildSubreaper, _before);
        }
    }

    /// <summary>
    /// How an adopted child ended; null while it runs. Its number is its own until this has told its end. What is no child, or was collected by somebody else,
    /// is lost.
    /// </summary>
    /// <param name="pid">The child.</param>
    /// <param name="between">The name of what may still be between it and this process, and about to end: then it is a child after that.</param>
    public static ContainerExit? Collect(int pid, string between)
    {
        // Zero and below stand for any child, and one of those may be the framework's, which ends the process when it misses one.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        var result = Wait(pid, out var status, DoNotWait);
        if (result == 0)
            return null;
        if (result < 0)
            return Marshal.GetLastPInvokeError() == NoChild && (LookAt(pid) is not { } seen || LookAt(seen.Parent)?.Name != between) ? ContainerExit.Lost : null;
        var signal = status & SignalMask;
        return new ContainerExit(signal == 0 ? (status >> 8) & 0xff : 128 + signal, OutOfMemory: false);
    }

    /// <summary>
    /// Collects what a runtime started on its way to the container's first process, and left to this process as well. Its numbers are between the runtime's and
    /// the first process's. What this process itself started is not touched: it is in its own group.
    /// </summary>
    /// <returns>Those that have not yet ended.</returns>
    public static IReadOnlyList<int> CollectBetween(int runtime, int first, string name)
    {
        var alive = new List<int>();
        var own = LookAt(Environment.ProcessId)?.Group;
        foreach (var word in File.ReadAllText($"/proc/self/task/{Environment.ProcessId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var pid = int.Parse(word, CultureInfo.InvariantCulture);
            // Numbers begin anew at the last one.
            var isBetween = runtime < first ? pid > runtime && pid < first : pid > runtime || pid < first;
            if (isBetween && LookAt(pid) is { } seen && seen.Name == name && seen.Group != own && Wait(pid, out _, DoNotWait) == 0)
                alive.Add(pid);
        }
        return alive;
    }

    /// <summary>Name, parent and group of a process; null: there is none.</summary>
    private static (string Name, int Parent, int Group)? LookAt(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        // pid (name) state parent group
        var end = stat.LastIndexOf(')');
        var fields = stat[(end + 2)..].Split(' ', 4);
        return (stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end], int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture));
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint value);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, out int value);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int Wait(int pid, out int status, int options);
}
