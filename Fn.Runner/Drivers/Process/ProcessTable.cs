using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Reads the labels of all processes that run on this machine, as far as this user may. The table changes while it is read, and a process that starts a
/// program has no environment for a moment: what cannot be told for sure is said to be so.
/// </summary>
internal static class ProcessTable
{
    // A function's own environment is limited by exec to about 2 MiB.
    private const int MaxEnvironment = 4 * 1024 * 1024;

    private const int NoSuchEntry = 2;
    private const int NoSuchProcess = 3;

    // /proc/PID/stat, counted from the state, which follows the program's name in parentheses.
    private const int StateField = 0;
    private const int FlagsField = 6;
    private const int EnvironmentEndField = 48;
    private const uint Exiting = 0x4;
    private const uint KernelThread = 0x200000;

    private static readonly byte[] Assignment = Encoding.ASCII.GetBytes($"{ProcessLabel.Variable}=");

    private enum Look
    {
        /// <summary>It has a label.</summary>
        Labelled,

        /// <summary>It has none, or is another user's.</summary>
        Unlabelled,

        /// <summary>It is dead or dying. It may have started others before that.</summary>
        Gone,

        /// <summary>It is just starting a program.</summary>
        Unsettled,
    }

    /// <summary>
    /// Every labelled process that was there when the call began and is still there, with all that such processes started meanwhile before they ended.
    /// </summary>
    public static TableSnapshot Read()
    {
        var found = new List<(int, string)>();
        var seen = new HashSet<int>();
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        var (settled, again) = (true, true);
        try
        {
            // A listed process may start another one, which is not listed, and end before it is looked at: then only the newcomers are looked at again.
            while (again)
            {
                again = false;
                foreach (var directory in Directory.EnumerateDirectories("/proc"))
                {
                    if (!int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid) || !seen.Add(pid))
                        continue;
                    var look = LookAt(pid, ref buffer, out var label);
                    if (look == Look.Labelled)
                        found.Add((pid, label!));
                    again |= look == Look.Gone;
                    settled &= look != Look.Unsettled;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return new TableSnapshot(found, settled);
    }

    /// <summary>The label of one process; null when it has none, is gone, or is another user's.</summary>
    public static string? LabelOf(int pid)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            LookAt(pid, ref buffer, out var label);
            return label;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Look LookAt(int pid, ref byte[] buffer, out string? label)
    {
        label = null;
        if (LinuxFiles.ReadWhole(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"), ref buffer, MaxEnvironment) is not { } length)
            return Marshal.GetLastPInvokeError() is NoSuchEntry or NoSuchProcess ? Look.Gone : Look.Unlabelled;
        if (length == 0)
            return LookAtEmpty(pid, ref buffer);
        label = Find(buffer.AsSpan(0, length));
        return label is null ? Look.Unlabelled : Look.Labelled;
    }

    /// <summary>
    /// No environment: the kernel's own threads and the dead have none, and neither has a process between the moment at which exec gives it new memory and
    /// the one at which its environment is there. A process that was started with an empty one still has a place for it.
    /// </summary>
    private static Look LookAtEmpty(int pid, ref byte[] buffer)
    {
        if (LinuxFiles.ReadWhole(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"), ref buffer, MaxEnvironment) is not { } length)
            return Look.Gone;
        var text = Encoding.ASCII.GetString(buffer.AsSpan(0, length));
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= EnvironmentEndField)
            return Look.Gone;
        var flags = uint.Parse(fields[FlagsField], CultureInfo.InvariantCulture);
        if ((flags & KernelThread) != 0)
            return Look.Unlabelled;
        if (fields[StateField] is "Z" or "X" || (flags & Exiting) != 0)
            return Look.Gone;
        // Looked at once more: the first look may have been at the memory that exec was just giving up.
        return fields[EnvironmentEndField] != "0" && LinuxFiles.ReadWhole(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"), ref buffer, MaxEnvironment) == 0
            ? Look.Unlabelled
            : Look.Unsettled;
    }

    private static string? Find(ReadOnlySpan<byte> environment)
    {
        while (!environment.IsEmpty)
        {
            var end = environment.IndexOf((byte)0);
            var entry = end < 0 ? environment : environment[..end];
            if (entry.StartsWith(Assignment))
                return Encoding.UTF8.GetString(entry[Assignment.Length..]);
            environment = end < 0 ? default : environment[(end + 1)..];
        }
        return null;
    }
}

/// <summary>What a look at the process table found.</summary>
/// <param name="Labelled">The labelled processes.</param>
/// <param name="IsSettled">False when some process could not be told: it was just starting a program, and may turn out to be labelled.</param>
internal readonly record struct TableSnapshot(List<(int Pid, string Label)> Labelled, bool IsSettled);
