namespace Fn.Runner.Formats.Cold;

/// <summary>An answer that became known before its function has ended: what was held back, then what comes. Its end is the function's, with exit code 0.</summary>
internal sealed class ColdAnswerBody(ReadOnlyMemory<byte> held, DefaultChannel channel, CancellationToken cancel) : Stream
{
    private ReadOnlyMemory<byte> _held = held;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (_held.IsEmpty)
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, cancellationToken);
            return await channel.ReadOnAsync(buffer, both.Token);
        }
        var count = Math.Min(buffer.Length, _held.Length);
        _held[..count].CopyTo(buffer);
        _held = _held[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
