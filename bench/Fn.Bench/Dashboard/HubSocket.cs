using System.Net.WebSockets;
using System.Text;

namespace Fn.Bench.Dashboard;

/// <summary>A page's connection to its hub.</summary>
internal sealed class HubSocket : IDisposable
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[64 * 1024];
    private int _held;

    /// <summary>Makes whole messages of what they get.</summary>
    /// <param name="message">A message without its length.</param>
    /// <returns>What is to be sent in answer; null: nothing.</returns>
    public delegate byte[]? Answerer(HubReader message);

    public async Task ConnectAsync(Uri hub, CancellationToken cancel)
    {
        await _socket.ConnectAsync(hub, cancel);
        await _socket.SendAsync(HubWriter.Handshake, WebSocketMessageType.Text, true, cancel);
        // Answered by an empty object and the same mark.
        await ReceiveAsync(cancel);
        if (_held != 3)
            throw new BenchException($"The dashboard does not speak as its page expects: {Encoding.UTF8.GetString(_buffer, 0, _held)}");
        _held = 0;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) => _socket.SendAsync(message, WebSocketMessageType.Binary, true, cancel);

    /// <summary>Answers all that comes, until the connection ends.</summary>
    public async Task FollowAsync(Answerer answer, CancellationToken cancel)
    {
        var pinged = TimeProvider.System.GetTimestamp();
        while (await ReceiveAsync(cancel))
        {
            foreach (var sent in TakeMessages(answer))
                await SendAsync(sent, cancel);
            if (TimeProvider.System.GetElapsedTime(pinged) < PingEvery)
                continue;
            pinged = TimeProvider.System.GetTimestamp();
            await SendAsync(HubWriter.Ping, cancel);
        }
        throw new InvalidOperationException("The gateway closed the connection.");
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReceiveAsync(CancellationToken cancel)
    {
        if (_held == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_held), cancel);
        _held += received.Count;
        return received.MessageType != WebSocketMessageType.Close;
    }

    private List<byte[]> TakeMessages(Answerer answer)
    {
        var answers = new List<byte[]>();
        var taken = 0;
        while (HubReader.TryFrame(_buffer.AsSpan(taken, _held - taken), out var message, out var bytes))
        {
            taken += bytes;
            if (answer(new HubReader(message)) is { } sent)
                answers.Add(sent);
        }
        _buffer.AsSpan(taken, _held - taken).CopyTo(_buffer);
        _held -= taken;
        return answers;
    }
}
