// A hot function: started once, it then serves one call after another. Each turn of the loop reads one HTTP request from standard input, does the work,
// and writes one HTTP response to standard output. Content-Length tells the platform where the response ends, so that the next call can follow.
// Standard error is the function's log. The end of standard input is the end of the function.
using System.Globalization;
using System.Text;

using var input = new BufferedStream(Console.OpenStandardInput());
using var output = new BufferedStream(Console.OpenStandardOutput());

while (Request.Read(input) is { } request)
{
    var name = request.Body.Length > 0 ? Encoding.UTF8.GetString(request.Body) : "World";
    Respond(200, $"Hello {name}\n");
}

void Respond(int status, string text)
{
    var body = Encoding.UTF8.GetBytes(text);
    output.Write(Encoding.Latin1.GetBytes($"HTTP/1.1 {status} \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\n\r\n"));
    output.Write(body);
    output.Flush();
}

/// <summary>One HTTP/1.1 request.</summary>
internal sealed record Request(string Method, string Target, Dictionary<string, string> Headers, byte[] Body)
{
    /// <summary>Reads the next request; null at the end of the input.</summary>
    public static Request? Read(Stream input)
    {
        if (ReadLine(input) is not { } first)
            return null;
        var words = first.Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (ReadLine(input) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return new Request(words[0], words[1], headers, ReadBody(input, headers));
    }

    private static byte[] ReadBody(Stream input, Dictionary<string, string> headers)
    {
        if (headers.ContainsKey("Transfer-Encoding"))
            return ReadChunks(input);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        input.ReadExactly(body);
        return body;
    }

    /// <summary>A body whose length was not known when it began: pieces, each after a line with its length in hex; the last has length 0.</summary>
    private static byte[] ReadChunks(Stream input)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = ReadLine(input) ?? throw new EndOfStreamException();
            var chunk = new byte[int.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
            input.ReadExactly(chunk);
            body.Write(chunk);
            if (chunk.Length == 0)
                break;
            ReadLine(input);
        }
        while (ReadLine(input) is { Length: > 0 })
        {
            // Trailing headers are of no use here.
        }
        return body.ToArray();
    }

    private static string? ReadLine(Stream input)
    {
        var line = new StringBuilder();
        while (input.ReadByte() is var next && next != '\n')
        {
            if (next < 0)
                return line.Length == 0 ? null : throw new EndOfStreamException();
            line.Append((char)next);
        }
        return line.ToString().TrimEnd('\r');
    }
}
