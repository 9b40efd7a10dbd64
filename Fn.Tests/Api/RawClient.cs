using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Fn.Tests.Api;

/// <summary>Speaks HTTP/1.1 byte by byte: nothing between the test and the wire adds, follows or repairs anything.</summary>
internal sealed class RawClient(Uri server)
{
    public string Host => server.Authority;

    public Task<RawAnswer> GetAsync(string target, params string[] headers) => SendAsync("GET", target, null, headers);

    public Task<RawAnswer> PostAsync(string target, string body, params string[] headers) => SendAsync("POST", target, body, headers);

    public Task<RawAnswer> PutAsync(string target, string body, params string[] headers) => SendAsync("PUT", target, body, headers);

    public Task<RawAnswer> DeleteAsync(string target, params string[] headers) => SendAsync("DELETE", target, null, headers);

    public Task<RawAnswer> SendAsync(string method, string target, string? body, params string[] headers)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if (!headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)))
            head.Append("Host: ").Append(Host).Append("\r\n");
        foreach (var header in headers)
            head.Append(header).Append("\r\n");
        if (body is not null)
            head.Append("Content-Length: ").Append(Encoding.UTF8.GetByteCount(body)).Append("\r\n");
        return SendBytesAsync(Encoding.UTF8.GetBytes($"{head}\r\n{body}"));
    }

    /// <summary>Sends bytes as they are and reads to the end of the connection.</summary>
    public async Task<RawAnswer> SendBytesAsync(ReadOnlyMemory<byte> request)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancel);
        var stream = client.GetStream();
        await stream.WriteAsync(request, cancel);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, cancel);
        return RawAnswer.Parse(answer.ToArray());
    }

    /// <summary>Sends bytes, leaves the request unfinished, and reads until the answer's line feed.</summary>
    public async Task<string> SendOpenEndedAsync(ReadOnlyMemory<byte> request)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancel);
        await client.GetStream().WriteAsync(request, cancel);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        do
        {
            var count = await client.GetStream().ReadAsync(buffer, cancel);
            Assert.NotEqual(0, count);
            answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        while (!answer.ToString().EndsWith("}\n", StringComparison.Ordinal));
        return answer.ToString();
    }
}

internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Message => Json.GetProperty("message").GetString();

    public string? this[string field] => Json.GetProperty(field).GetString();

    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value : null;

    public static RawAnswer Parse(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end > 0, "The answer has no head.");
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], null), headers, Encoding.UTF8.GetString(answer.AsSpan(end + 4)));
    }
}
