using Fn.ServiceDefaults.IO;

namespace Fn.Tests.EndToEnd;

/// <summary>A body of any size that nobody has to keep: each byte depends on its place, as the faulty function's <c>pour</c> makes them.</summary>
internal sealed class PatternStream(long length) : ReadOnlyStream
{
    private long _at;

    public override int Read(Span<byte> buffer)
    {
        var piece = buffer[..(int)Math.Min(buffer.Length, length - _at)];
        for (var i = 0; i < piece.Length; i++)
            piece[i] = (byte)((ulong)(_at + i) * 0x9E3779B97F4A7C15UL >> 56);
        _at += piece.Length;
        return piece.Length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <summary>Length and FNV-1a hash of what a stream has, as the faulty function's <c>checksum</c> tells them.</summary>
    public static async Task<string> ChecksumAsync(Stream stream, CancellationToken cancel)
    {
        var (hash, length) = (14695981039346656037UL, 0L);
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancel)) > 0; length += count)
        {
            foreach (var each in buffer.AsSpan(0, count))
                hash = (hash ^ each) * 1099511628211UL;
        }
        return $"{length} {hash:x16}";
    }
}
