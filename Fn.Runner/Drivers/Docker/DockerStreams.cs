using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Docker.DotNet;
using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Drivers.Docker;

/// <summary>What a container writes, out of the frames in which the engine sends it.</summary>
internal sealed class DockerOutput(MultiplexedStream attached) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (MemoryMarshal.TryGetArray<byte>(buffer, out var array))
            return (await attached.ReadOutputAsync(array.Array!, array.Offset, array.Count, cancellationToken)).Count;
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var count = (await attached.ReadOutputAsync(rented, 0, buffer.Length, cancellationToken)).Count;
            rented.AsMemory(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            attached.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A container's standard input. Disposing it is its end; the output on the same connection goes on.</summary>
internal sealed class DockerInput(MultiplexedStream attached) : Stream
{
    private int _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        var array = MemoryMarshal.TryGetArray(buffer, out var segment) ? segment : new ArraySegment<byte>(buffer.ToArray());
        await attached.WriteAsync(array.Array!, array.Offset, array.Count, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
            Close(attached);
        base.Dispose(disposing);
    }

    private static void Close(MultiplexedStream attached)
    {
        try
        {
            attached.CloseWrite();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The container is gone, and its connection with it.
        }
    }
}
