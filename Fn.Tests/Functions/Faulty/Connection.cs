using System.Globalization;
using System.Text;

namespace Fn.Tests.Functions.Faulty;

/// <summary>Takes a piece of a body.</summary>
internal delegate void Take(ReadOnlySpan<byte> piece);

/// <summary>Just enough HTTP/1.1 for a function: requests with a length or in chunks; whatever answer it is told to write.</summary>
internal sealed class Connection(Stream input, Stream output)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next request's head; null at the end of input.</summary>
    public Request? ReadHead()
    {
        if (ReadLine() is not { } line)
            return null;
        var words = line.Split(' ');
        var headers = new List<(string, string)>();
        while (ReadLine() is { Length: > 0 } header)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            headers.Add((header[..colon], header[(colon + 1)..].Trim()));
        }
        return new Request(words[0], words[1], headers);
    }

    /// <summary>The whole body.</summary>
    public byte[] ReadBody(Request request)
    {
        var body = new MemoryStream();
        ReadBody(request, body.Write);
        return body.ToArray();
    }

    /// <summary>The body as it comes.</summary>
    public void ReadBody(Request request, Take take)
    {
        if (request.Header("Transfer-Encoding") == "chunked")
        {
            while (true)
            {
                var size = int.Parse(ReadLine()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Copy(size, take);
                ReadLine();
                if (size == 0)
                    break;
            }
        }
        else
        {
            Copy(int.Parse(request.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture), take);
        }
    }

    public void Write(string text) => Write(Encoding.Latin1.GetBytes(text));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        output.Flush();
    }

    public void Answer(byte[] body, string headers = "", int status = 200) =>
        Write([.. Encoding.Latin1.GetBytes($"HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body]);

    public void Answer(string body, string headers = "", int status = 200) => Answer(Encoding.UTF8.GetBytes(body), headers, status);

    private string? ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !Fill())
                return null;
            var c = (char)_buffer[_start++];
            if (c == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(c);
        }
    }

    private void Copy(int count, Take take)
    {
        while (count > 0)
        {
            if (_start == _end && !Fill())
                throw new EndOfStreamException();
            var piece = Math.Min(count, _end - _start);
            take(_buffer.AsSpan(_start, piece));
            _start += piece;
            count -= piece;
        }
    }

    private bool Fill()
    {
        _start = 0;
        _end = input.Read(_buffer);
        return _end > 0;
    }
}
