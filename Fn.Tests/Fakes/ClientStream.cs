using System.Text;
using System.Threading.Channels;
using Fn.ServiceDefaults.IO;

namespace Fn.Tests.Fakes;

/// <summary>A client's body: each read gives one piece that the test sends, when it sends it.</summary>
internal sealed class ClientStream : ReadOnlyStream
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True once anybody has asked for the body.</summary>
    public bool WasRead => _read.Task.IsCompleted;

    /// <summary>Completes when somebody asks for the body.</summary>
    public Task Asked => _read.Task;

    public void Send(string text) => _pieces.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    public void End() => _pieces.Writer.TryComplete();

    /// <summary>The client goes away in the middle.</summary>
    public void Break() => _pieces.Writer.TryComplete(new IOException("The client broke off."));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _read.TrySetResult();
        try
        {
            var piece = await _pieces.Reader.ReadAsync(cancellationToken);
            piece.CopyTo(buffer);
            return piece.Length;
        }
        catch (ChannelClosedException e) when (e.InnerException is IOException broken)
        {
            throw broken;
        }
        catch (ChannelClosedException)
        {
            return 0;
        }
    }
}
