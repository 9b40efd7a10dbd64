using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Fn.Bench.Echo;

/// <summary>One connection's calls, one after the other. Blocking, and nothing allocated for a call once the buffers are as large as its body.</summary>
internal sealed class Connection(Socket socket)
{
    private const int HeadRoom = 256;

    private byte[] _input = new byte[16 * 1024];
    private byte[] _answer = new byte[16 * 1024];
    private int _filled;
    private int _used;
    private int _body;

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    public void Serve()
    {
        using (socket)
        {
            try
            {
                while (ReadHead() is { Length: > 0 } head)
                {
                    _body = 0;
                    if (FieldOf(head, "transfer-encoding") is "chunked")
                        ReadChunks();
                    else if (FieldOf(head, "content-length") is { } length)
                        Read(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture));
                    Answer();
                }
            }
            catch (Exception e) when (e is SocketException or EndOfStreamException)
            {
                // Whoever called has gone.
            }
        }
    }

    /// <summary>Reads the head of the next request; empty at the end of the connection.</summary>
    private string ReadHead()
    {
        int end;
        while ((end = _input.AsSpan(_used, _filled - _used).IndexOf(EndOfHead)) < 0)
        {
            if (!Fill())
                return "";
        }
        var head = Encoding.ASCII.GetString(_input, _used, end + 2);
        _used += end + EndOfHead.Length;
        return head;
    }

    private void ReadChunks()
    {
        while (true)
        {
            int end;
            while ((end = _input.AsSpan(_used, _filled - _used).IndexOf("\r\n"u8)) < 0)
                FillOrThrow();
            if (!Utf8Parser.TryParse(_input.AsSpan(_used, end), out int length, out _, 'x'))
                throw new EndOfStreamException();
            _used += end + 2;
            Read(length);
            while (_filled - _used < 2)
                FillOrThrow();
            _used += 2;
            if (length == 0)
                return;
        }
    }

    /// <summary>Reads so many bytes of the body into the answer, behind the room for its head.</summary>
    private void Read(int length)
    {
        var needed = HeadRoom + _body + length;
        if (_answer.Length < needed)
            Array.Resize(ref _answer, Math.Max(needed, _answer.Length * 2));
        var target = _answer.AsSpan(HeadRoom + _body, length);
        var buffered = Math.Min(length, _filled - _used);
        _input.AsSpan(_used, buffered).CopyTo(target);
        _used += buffered;
        for (target = target[buffered..]; !target.IsEmpty;)
        {
            var count = socket.Receive(target);
            if (count == 0)
                throw new EndOfStreamException();
            target = target[count..];
        }
        _body += length;
    }

    private void Answer()
    {
        Span<byte> head = stackalloc byte[HeadRoom];
        var written = 0;
        Append(head, ref written, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: "u8);
        Utf8Formatter.TryFormat(_body, head[written..], out var digits);
        written += digits;
        Append(head, ref written, EndOfHead);
        head[..written].CopyTo(_answer.AsSpan(HeadRoom - written));
        var answer = _answer.AsSpan(HeadRoom - written, written + _body);
        while (!answer.IsEmpty)
            answer = answer[socket.Send(answer)..];
    }

    private void FillOrThrow()
    {
        if (!Fill())
            throw new EndOfStreamException();
    }

    private bool Fill()
    {
        if (_used > 0)
        {
            _input.AsSpan(_used, _filled - _used).CopyTo(_input);
            (_filled, _used) = (_filled - _used, 0);
        }
        if (_filled == _input.Length)
            Array.Resize(ref _input, _input.Length * 2);
        var count = socket.Receive(_input.AsSpan(_filled));
        _filled += count;
        return count > 0;
    }

    private static void Append(Span<byte> target, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        at += text.Length;
    }

    private static string? FieldOf(string head, string name)
    {
        var at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var value = at + name.Length + 3;
        return head[value..head.IndexOf("\r\n", value, StringComparison.Ordinal)].Trim();
    }
}
