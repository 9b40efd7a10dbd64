using System.Runtime.InteropServices;
using System.Text;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Tells beforehand whether the kernel can execute a file. Needed because the file is executed by <c>setsid</c>, after the framework has reported the
/// start as done: a failure there looks like a function that ended at once.
/// </summary>
internal static class Executable
{
    private const int HeaderLength = 256;
    private const int ElfMachineOffset = 18;

    private static readonly byte[] ElfMagic = [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>Null when it can be executed; else why not.</summary>
    public static string? Refusal(string path)
    {
        if (!Native.MayExecute(path))
            return "not executable";
        var header = new byte[HeaderLength];
        int length;
        try
        {
            using var file = File.OpenHandle(path);
            length = RandomAccess.Read(file, header, 0);
        }
        catch (UnauthorizedAccessException)
        {
            // May be executed but not read: nothing is known against it.
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
        var start = header.AsSpan(0, length);
        if (start.StartsWith(ElfMagic))
            return IsOtherMachine(start) ? $"made for another kind of machine than {RuntimeInformation.OSArchitecture}" : null;
        return start.StartsWith("#!"u8) ? InterpreterRefusal(start[2..]) : "neither a program of this machine nor a script that begins with #!";
    }

    private static bool IsOtherMachine(ReadOnlySpan<byte> header)
    {
        byte? machine = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => 62,
            Architecture.Arm64 => 183,
            _ => null,
        };
        return machine is { } expected && (header.Length <= ElfMachineOffset || header[ElfMachineOffset] != expected);
    }

    private static string? InterpreterRefusal(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)'\n');
        var words = Encoding.UTF8.GetString(end < 0 ? line : line[..end]).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return "its #! names no interpreter";
        return Native.MayExecute(words[0]) ? null : $"its interpreter \"{words[0].TrimEnd('\r')}\" cannot be executed";
    }
}
