using System.Text;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>Answers as functions write them, and as no function should: well-formed ones with some bytes changed, taken out, or written twice.</summary>
internal sealed class RandomAnswers(int seed)
{
    private static readonly string[] Fields =
    [
        "Content-Type: text/plain", "Date: Tue, 24 Nov 2026 02:25:09 GMT", "X-Latin: caf\u00e9", "X-Empty:", "X-Blank:   \t", "X-Colons: a:b:c", "Set-Cookie: a=1", "Set-Cookie: b=2",
        "Connection: keep-alive", "Connection: close", "Keep-Alive: timeout=5", "TE: trailers", "Fn-Http-Status: 201", "Fn-Http-H-Location: /x", "trailer: x", "Content-Encoding: gzip",
    ];

    private static readonly string[] Oddities =
    [
        "\r", "\n", "\r\n", "\0", " ", "\t", ":", ";", ",", "0", "1", "A", "\u00ff", "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "\r\n\r\n", "0\r\n\r\n", "Folded: a\r\n b\r\n", "Name : x\r\n", ": x\r\n",
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var text = new StringBuilder();
        while (_random.Next(8) == 0)
            text.Append("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
        text.Append(Pick("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.7")).Append(' ').Append(Pick("200", "200", "204", "304", "404", "502", "599", "999")).Append(Pick(" OK", " ", "", " Odd: reason")).Append("\r\n");
        for (var i = _random.Next(6); i > 0; i--)
            text.Append(Pick(Fields)).Append("\r\n");
        var body = new string('b', _random.Next(3) == 0 ? 0 : _random.Next(_random.Next(4) == 0 ? 20_000 : 40));
        switch (_random.Next(4))
        {
            case 0:
                text.Append("\r\n").Append(body);
                break;
            case 1:
                text.Append("Transfer-Encoding: ").Append(Pick("chunked", "Chunked")).Append("\r\n\r\n");
                AppendChunks(text, body);
                break;
            default:
                text.Append("Content-Length: ").Append(body.Length).Append("\r\n\r\n").Append(body);
                break;
        }
        return Mutate(Encoding.Latin1.GetBytes(text.ToString()));
    }

    private void AppendChunks(StringBuilder text, string body)
    {
        while (body.Length > 0)
        {
            var size = 1 + _random.Next(body.Length);
            text.Append(_random.Next(3) == 0 ? $"{size:X4}" : $"{size:x}").Append(Pick("", "", ";a=b", " ", " ;x")).Append("\r\n").Append(body.AsSpan(0, size)).Append("\r\n");
            body = body[size..];
        }
        text.Append('0').Append("\r\n").Append(Pick("", "", "X-Trailer: x\r\n")).Append("\r\n");
    }

    private byte[] Mutate(byte[] bytes)
    {
        var list = bytes.ToList();
        for (var i = _random.Next(3); i > 0 && list.Count > 0; i--)
        {
            // Most of it is body, where little happens.
            var at = _random.Next(Math.Min(list.Count, _random.Next(3) == 0 ? list.Count : 200));
            switch (_random.Next(5))
            {
                case 0:
                    list[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    list.RemoveRange(at, Math.Min(list.Count - at, 1 + _random.Next(4)));
                    break;
                case 2:
                    list.RemoveRange(at, list.Count - at);
                    break;
                default:
                    list.InsertRange(at, Encoding.Latin1.GetBytes(Pick(Oddities)));
                    break;
            }
        }
        return [.. list];
    }

    private string Pick(params string[] from) => from[_random.Next(from.Length)];
}
