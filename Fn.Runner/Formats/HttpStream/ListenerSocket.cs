using System.Net.Sockets;
using Fn.Runner.Linux;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Formats.HttpStream;

/// <summary>
/// The socket that a function listens on, held by descriptor. The function owns the directory and may put anything there at any time, so no path in it is
/// ever followed: the entry is opened without following links, looked at, and from then on reached through its descriptor.
/// </summary>
internal sealed class ListenerSocket : IDisposable
{
    /// <summary>The name that tells that the function is ready.</summary>
    public const string Name = "lsnr.sock";

    private readonly SafeFileHandle _entry;

    private ListenerSocket(SafeFileHandle entry) => _entry = entry;

    /// <summary>Looks for the socket in a directory. Both null: not there yet; else the socket, or what is wrong with what is there.</summary>
    public static (ListenerSocket? Socket, string? Refusal) Find(string directory)
    {
        using var inside = LinuxFiles.OpenDirectory(directory);
        if (inside.IsInvalid)
            return (null, "its socket directory is gone");
        var entry = LinuxFiles.OpenEntry(inside, Name);
        // Asked of the entry that was opened, not of its name, which may stand for something else by now.
        var target = entry.IsInvalid ? null : LinuxFiles.ReadLink(entry);
        if (target is not null)
        {
            entry.Dispose();
            if (NameIn(target) is not { } name)
                return (null, $"{Name} leads out of its directory: {target}");
            entry = LinuxFiles.OpenEntry(inside, name);
        }
        if (!entry.IsInvalid && LinuxFiles.IsSocket(entry))
            return (new ListenerSocket(entry), null);
        var missing = entry.IsInvalid;
        entry.Dispose();
        return (missing, target) switch
        {
            (true, null) => (null, null),
            (true, _) => (null, $"{Name} leads to nothing: {target}"),
            _ => (null, $"{target ?? Name} is no socket"),
        };
    }

    /// <summary>Opens a connection. Throws <see cref="SocketException"/>.</summary>
    public async ValueTask<PolledSocket> ConnectAsync(EventLoops loops, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/self/fd/{_entry.DangerousGetHandle()}"), cancel);
            return new PolledSocket(socket, loops);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _entry.Dispose();

    // "phony.sock" and "./phony.sock"; nothing with another directory part.
    private static string? NameIn(string target)
    {
        var name = target.StartsWith("./", StringComparison.Ordinal) ? target[2..] : target;
        return name.Length == 0 || name.Contains('/', StringComparison.Ordinal) ? null : name;
    }
}
