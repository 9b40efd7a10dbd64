using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Fn.Tests.Functions.Faulty;

/// <summary>
/// A function for tests that answers well or badly as its caller wishes (<see cref="Behaviours"/>). Speaks the formats <c>http</c> (on standard input and
/// output) and <c>http-stream</c> (on the socket that <c>FN_LISTENER</c> names).
/// </summary>
internal static class Program
{
    private static void Main()
    {
        if (Environment.GetEnvironmentVariable("FN_LISTENER") is { } listener)
            Listen(listener["unix:".Length..]);
        else
            Serve(new Connection(Standard(0, FileAccess.Read), Standard(1, FileAccess.Write)));
    }

    // The console's own streams are duplicates: a descriptor that is closed would live on in them.
    private static FileStream Standard(int file, FileAccess access) => new(new SafeFileHandle(file, ownsHandle: false), access, bufferSize: 0);

    private static void Listen(string path)
    {
        // As the FDKs do it: bound under another name, so that the name that is waited for appears when the socket is ready.
        var bound = Path.Combine(Path.GetDirectoryName(path)!, "phony.sock");
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(bound));
        server.Listen();
        File.CreateSymbolicLink(path, "phony.sock");
        while (true)
        {
            using var stream = new NetworkStream(server.Accept(), ownsSocket: true);
            Serve(new Connection(stream, stream));
        }
    }

    private static void Serve(Connection connection)
    {
        while (connection.ReadHead() is { } request && Behaviours.Answer(request, connection))
        {
        }
    }
}
