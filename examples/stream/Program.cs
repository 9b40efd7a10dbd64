// A hot function of the format http-stream that streams its answer: it counts up to the number in the body, a line every 100 ms, and each line is with the
// client when it is written. An FDK does the part below for you; this is all there is to it.
using System.Globalization;
using System.Net.Sockets;
using System.Text;

const int Most = 100_000;

// FN_LISTENER is unix:/path/lsnr.sock. That entry tells that the function is ready, so it appears last, as a link to the socket that is listened on.
var path = Environment.GetEnvironmentVariable("FN_LISTENER")!["unix:".Length..];
var socket = Path.Combine(Path.GetDirectoryName(path)!, "stream.sock");
using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
listener.Bind(new UnixDomainSocketEndPoint(socket));
File.SetUnixFileMode(socket, (UnixFileMode)0b110_110_110);
listener.Listen();
File.CreateSymbolicLink(path, "stream.sock");

while (true)
{
    // One call at a time; the platform keeps the connection for the next one.
    using var connection = new BufferedStream(new NetworkStream(listener.Accept(), ownsSocket: true));
    while (ReadRequest(connection) is { } body)
    {
        if (int.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Most)
            Count(connection, count);
        else
            Respond(connection, $"send a number up to {Most}\n");
    }
}

static void Count(Stream connection, int count)
{
    Write(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (var i = 1; i <= count; i++)
    {
        var line = $"{i}\n";
        Write(connection, $"{line.Length:x}\r\n{line}\r\n");
        if (i < count)
            Thread.Sleep(100);
    }
    Write(connection, "0\r\n\r\n");
}

// The status of the exchange is 200 whatever the function has to say. What a trigger's client sees is in Fn-Http-Status.
static void Respond(Stream connection, string text) =>
    Write(connection, $"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nFn-Http-Status: 400\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}");

static void Write(Stream connection, string text)
{
    connection.Write(Encoding.UTF8.GetBytes(text));
    connection.Flush();
}

// Reads one request and returns its body; null at the end of the connection. A body comes in chunks: each after a line with its length in hex, the last of length 0.
static string? ReadRequest(Stream connection)
{
    if (ReadLine(connection) is null)
        return null;
    var chunked = false;
    while (ReadLine(connection) is { Length: > 0 } header)
        chunked |= header.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase);
    using var body = new MemoryStream();
    while (chunked)
    {
        var chunk = new byte[int.Parse(ReadLine(connection)!.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
        connection.ReadExactly(chunk);
        body.Write(chunk);
        ReadLine(connection);
        chunked = chunk.Length > 0;
    }
    return Encoding.UTF8.GetString(body.ToArray()).Trim();
}

static string? ReadLine(Stream connection)
{
    var line = new StringBuilder();
    while (connection.ReadByte() is var next && next != '\n')
    {
        if (next < 0)
            return line.Length == 0 ? null : throw new EndOfStreamException();
        line.Append((char)next);
    }
    return line.ToString().TrimEnd('\r');
}
