using System.Net;
using System.Net.Sockets;

namespace Fn.Tests.Fakes.Otlp;

/// <summary>Takes every connection and all that is sent on it, and never says anything, whatever the protocol.</summary>
internal sealed class SilentCollector : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;

    public SilentCollector()
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ListenToAsync(await _listener.AcceptSocketAsync(_over.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ListenToAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await stream.CopyToAsync(Stream.Null, _over.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other side is tired of waiting, or the test is over.
        }
    }
}
