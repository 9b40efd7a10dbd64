using System.Buffers;
using System.Globalization;
using System.Text;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Process;

/// <summary>Reads the labels of all processes that run on this machine, as far as this user may.</summary>
internal static class ProcessTable
{
    // A function's own environment is limited by exec to about 2 MiB.
    private const int MaxEnvironment = 4 * 1024 * 1024;

    private static readonly byte[] Assignment = Encoding.ASCII.GetBytes($"{ProcessLabel.Variable}=");

    /// <summary>Every labelled process that was there when the call began and is still there.</summary>
    public static List<(int Pid, string Label)> Labelled()
    {
        var found = new List<(int, string)>();
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid) && LabelOf(pid, ref buffer) is { } label)
                    found.Add((pid, label));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return found;
    }

    /// <summary>The label of one process; null when it has none, is gone, or is another user's.</summary>
    public static string? LabelOf(int pid)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            return LabelOf(pid, ref buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? LabelOf(int pid, ref byte[] buffer)
    {
        // Not File.OpenHandle: most files here are another user's or just gone, and an exception for each of them would be most of a sweep's cost.
        var file = LinuxFiles.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
        if (file < 0)
            return null;
        try
        {
            var length = ReadAll(file, ref buffer);
            return Find(buffer.AsSpan(0, length));
        }
        finally
        {
            _ = LinuxFiles.Close(file);
        }
    }

    private static int ReadAll(int file, ref byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= MaxEnvironment)
                    return length;
                var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            var count = (int)LinuxFiles.Read(file, buffer.AsSpan(length));
            if (count <= 0)
                return length;
            length += count;
        }
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
