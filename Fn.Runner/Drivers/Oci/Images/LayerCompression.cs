using System.IO.Compression;
using ZstdSharp;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>Undoes a layer's compression, known by its first bytes: what a manifest says of it is not always true.</summary>
internal static class LayerCompression
{
    /// <summary>The stream as it was before compression, if there was any.</summary>
    public static Stream Decompress(Stream stream)
    {
        var start = new byte[4];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, length), stream);
        if (start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return new GZipStream(whole, CompressionMode.Decompress);
        return start.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? new DecompressionStream(whole, leaveOpen: false) : whole;
    }

    private sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ForwardStream
    {
        private ReadOnlyMemory<byte> _prefix = prefix;

        public override int Read(Span<byte> buffer)
        {
            if (_prefix.IsEmpty)
                return rest.Read(buffer);
            var count = Math.Min(buffer.Length, _prefix.Length);
            _prefix.Span[..count].CopyTo(buffer);
            _prefix = _prefix[count..];
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
