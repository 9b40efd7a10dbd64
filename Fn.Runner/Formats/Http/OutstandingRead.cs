using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Fn.Runner.Formats.Http;

/// <summary>A read that is outstanding while nobody waits for it, one at a time. What comes of it is told in the thread that heard of it.</summary>
/// <param name="stream">Of which is read.</param>
/// <param name="told">Takes how many bytes there are, or 0 and what the stream ended by, if it was not simply its end.</param>
internal sealed class OutstandingRead(Stream stream, Action<int, Exception?> told)
{
    private Action? _onRead;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read;

    /// <summary>Begins a read, which may be over at once.</summary>
    public void Begin(Memory<byte> into)
    {
        try
        {
#pragma warning disable CA2012 // Consumed once: by OnRead.
            _read = stream.ReadAsync(into, CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception e) when (IsEnd(e))
        {
            told(0, e);
            return;
        }
        if (_read.IsCompleted)
            OnRead();
        else
            _read.UnsafeOnCompleted(_onRead ??= OnRead);
    }

    /// <summary>Whether a stream, or one end of it, is over when it throws this.</summary>
    public static bool IsEnd(Exception e) =>
        e is IOException or ObjectDisposedException or OperationCanceledException or SocketException or InvalidOperationException;

    private void OnRead()
    {
        int count;
        try
        {
#pragma warning disable VSTHRD002 // It is done.
            count = _read.GetResult();
#pragma warning restore VSTHRD002
        }
        catch (Exception e) when (IsEnd(e))
        {
            told(0, e);
            return;
        }
        told(count, null);
    }
}
