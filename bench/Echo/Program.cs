using System.Net.Sockets;

namespace Fn.Bench.Echo;

/// <summary>
/// The function of the benchmarks, format <c>http-stream</c>: answers each call with its body. A thread for each connection, so that it takes one call at a time
/// from the platform and as many as there are connections from a proxy.
/// </summary>
internal static class Program
{
    private const int StackSize = 128 * 1024;

    private static int Main()
    {
        var path = Environment.GetEnvironmentVariable("FN_LISTENER")?.Replace("unix:", "", StringComparison.Ordinal);
        if (string.IsNullOrEmpty(path))
        {
            Console.Error.WriteLine("FN_LISTENER must name the socket to listen on, for instance unix:/tmp/echo.sock");
            return 1;
        }
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // It has its name only once it can be connected to.
        var hidden = path + ".hidden";
        listener.Bind(new UnixDomainSocketEndPoint(hidden));
        listener.Listen(512);
        File.SetUnixFileMode(hidden, (UnixFileMode)0b110_110_110);
        File.Move(hidden, path);
        while (true)
        {
            var connection = new Connection(listener.Accept());
            new Thread(connection.Serve, StackSize) { IsBackground = true }.Start();
        }
    }
}
