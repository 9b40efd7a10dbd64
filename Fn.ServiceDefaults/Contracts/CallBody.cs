using Fn.ServiceDefaults.IO;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// A call's body: either already read (it can then be offered again elsewhere), or still with the client, to be opened once by the runner that took the
/// call. Not thread-safe.
/// </summary>
public sealed class CallBody
{
    /// <summary>Largest body, in bytes, that a gateway reads before it offers the call.</summary>
    public const int MaxBuffered = 64 * 1024;

    private readonly Stream? _stream;
    private bool _opened;
    private volatile bool _delivered;

    private CallBody(ReadOnlyMemory<byte> buffered, Stream? stream, long? length)
    {
        Buffered = buffered;
        _stream = stream;
        Length = length;
    }

    /// <summary>No body.</summary>
    public static CallBody Empty { get; } = new(default, null, 0);

    /// <summary>Length in bytes; null when the client did not say (chunked).</summary>
    public long? Length { get; }

    /// <summary>True when the bytes are here (<see cref="Buffered"/>) and opening is free of side effects.</summary>
    public bool IsBuffered => _stream is null;

    /// <summary>The bytes when <see cref="IsBuffered"/>; else empty.</summary>
    public ReadOnlyMemory<byte> Buffered { get; }

    public static CallBody FromBuffer(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? Empty : new CallBody(bytes, null, bytes.Length);

    /// <param name="stream">Read once, by the runner that takes the call. A read that fails means the client broke off.</param>
    /// <param name="length">Its length in bytes if known.</param>
    public static CallBody FromStream(Stream stream, long? length) => new(default, stream, length);

    /// <summary>True when nothing of the body is with the client any more.</summary>
    public bool IsDelivered => _stream is null || _delivered;

    /// <summary>The stream of a body that is still with the client. May be asked for once.</summary>
    public Stream Open()
    {
        if (_stream is null)
            throw new InvalidOperationException("A buffered body is not opened; read Buffered.");
        if (_opened)
            throw new InvalidOperationException("The body was opened before: a call is never sent twice.");
        _opened = true;
        return new Delivery(_stream, this);
    }

    /// <summary>Notes when the last byte has left the client.</summary>
    private sealed class Delivery(Stream client, CallBody body) : ReadOnlyStream
    {
        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await client.ReadAsync(buffer, cancellationToken);
            _read += read;
            if (_read == body.Length || (read == 0 && buffer.Length > 0))
                body._delivered = true;
            return read;
        }
    }
}
