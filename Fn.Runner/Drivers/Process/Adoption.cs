using System.Runtime.InteropServices;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Process;

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
    private const int MostTries = 10;

    private static readonly Lock Sync = new();
    private static int _holders;
    private static int _before;

    /// <summary>To be called before the runtime is started, and undone when what it started is a child of this process, or there is nothing.</summary>
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
    public static ContainerExit? Collect(int pid, string between) => Collect(pid, between, out _);

    /// <inheritdoc cref="Collect(int, string)"/>
    /// <param name="pid">The child.</param>
    /// <param name="between">The name of what may still be between it and this process.</param>
    /// <param name="adopted">False while something is between them.</param>
    public static ContainerExit? Collect(int pid, string between, out bool adopted)
    {
        // Zero and below stand for any child, and one of those may be the framework's, which ends the process when it misses one.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        adopted = true;
        for (var tries = 0; tries < MostTries; tries++)
        {
            var result = Wait(pid, out var status, DoNotWait);
            if (result > 0)
                return Exit(status);
            if (result == 0 || Marshal.GetLastPInvokeError() != NoChild)
                return null;
            if (ProcessStatus.Of(pid, between) is not { } seen)
                return ContainerExit.Lost;
            // Its parent may have ended between the two looks: then it is a child by now.
            if (seen.Parent != Environment.ProcessId && ProcessStatus.Of(seen.Parent, between) is { } parent)
            {
                adopted = !parent.Named;
                return adopted ? ContainerExit.Lost : null;
            }
        }
        return ContainerExit.Lost;
    }

    /// <summary>
    /// Collects what a runtime needed on its way to a container's first process, and left to this process as well. Containers' first processes, which have
    /// the same name until they run their program, are not touched: they are in a namespace of their own. Nor is what this process itself started: that is in its group.
    /// </summary>
    /// <param name="name">The runtime's name.</param>
    /// <param name="runtime">Its number.</param>
    /// <param name="first">That of the first process, when it is known: then only children with numbers between the two are looked at.</param>
    /// <returns>Those that have not yet ended.</returns>
    public static IReadOnlyList<int> CollectBetween(string name, int runtime, int? first)
    {
        var alive = new List<int>();
        if (ProcessStatus.Of(Environment.ProcessId, name) is not { } own)
            return alive;
        foreach (var pid in ProcessStatus.Children())
        {
            if (IsBetween(pid, runtime, first) && ProcessStatus.Of(pid, name) is { Named: true } seen && seen.Depth == own.Depth && seen.Group != own.Group
                && Wait(pid, out _, DoNotWait) == 0)
                alive.Add(pid);
        }
        return alive;
    }

    /// <summary>
    /// Collects a child that has ended and that nobody here started: an orphan of another child, which came here while this process adopted. What this process
    /// started is in its group, or leads one of its own; what a runtime left is in a namespace of its own. False: it may be one of those, or there is none.
    /// </summary>
    public static bool CollectStray(int pid) =>
        ProcessStatus.Of(Environment.ProcessId, "") is { } own && ProcessStatus.Of(pid, "") is { } seen && seen.Parent == Environment.ProcessId && seen.Depth == own.Depth
        && seen.Group != own.Group && seen.Group != pid && Wait(pid, out _, DoNotWait) > 0;

    private static ContainerExit Exit(int status)
    {
        var signal = status & SignalMask;
        return new ContainerExit(signal == 0 ? (status >> 8) & 0xff : 128 + signal, OutOfMemory: false);
    }

    // Numbers begin anew at the last one.
    private static bool IsBetween(int pid, int runtime, int? first) =>
        first is not { } end || (runtime < end ? pid > runtime && pid < end : pid > runtime || pid < end);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint value);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, out int value);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int Wait(int pid, out int status, int options);
}
