using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Fn.Runner.Linux;

/// <summary>What the kernel says of a process.</summary>
/// <param name="Named">Whether its program has the name that was asked for.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Depth">In how many namespaces it has a number, from this process's on.</param>
internal readonly record struct ProcessStatus(bool Named, int Parent, int Group, int Depth)
{
    // Longer only for users in many groups.
    private const int Usual = 4 * 1024;
    private const int Most = 4 * 1024 * 1024;

    /// <summary>Looks at a process, which may be gone. Without strings: it is done for every child of many, whenever a container starts or ends.</summary>
    /// <param name="pid">The process; null is returned when there is none.</param>
    /// <param name="name">A program's name, in ASCII.</param>
    public static ProcessStatus? Of(int pid, ReadOnlySpan<char> name)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Usual);
        try
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status");
            return LinuxFiles.ReadWhole(path, ref buffer, Most) is { } length ? Parse(buffer.AsSpan(0, length), name) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The children of this process' first thread; of more than it started itself, if it adopts.</summary>
    public static List<int> Children()
    {
        var children = new List<int>();
        var buffer = ArrayPool<byte>.Shared.Rent(Usual);
        try
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Environment.ProcessId}/children");
            var length = LinuxFiles.ReadWhole(path, ref buffer, Most) ?? 0;
            ReadOnlySpan<byte> left = buffer.AsSpan(0, length);
            while (Utf8Parser.TryParse(left, out int pid, out var digits))
            {
                children.Add(pid);
                left = left[digits..].TrimStart((byte)' ');
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return children;
    }

    /// <summary>Reads a status file; null: it is not whole.</summary>
    internal static ProcessStatus? Parse(ReadOnlySpan<byte> text, ReadOnlySpan<char> name)
    {
        var status = default(ProcessStatus);
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.StartsWith("Name:\t"u8))
                status = status with { Named = Ascii.Equals(line["Name:\t"u8.Length..], name) };
            else if (line.StartsWith("PPid:\t"u8))
                status = status with { Parent = Number(line["PPid:\t"u8.Length..]) };
            else if (line.StartsWith("NSpid:\t"u8))
                status = status with { Depth = line.Count((byte)'\t') };
            else if (line.StartsWith("NSpgid:\t"u8))
                return status with { Group = Number(line["NSpgid:\t"u8.Length..]) };
        }
        return null;
    }

    private static int Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out int number, out _) ? number : 0;
}
