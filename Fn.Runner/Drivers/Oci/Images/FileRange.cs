using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>A part of a file, read forward. Several may read one file at once. Does not own the file.</summary>
internal sealed class FileRange(SafeFileHandle file, long offset, long length) : ForwardStream
{
    private long _at;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _at);
        var count = wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], offset + _at);
        if (count == 0 && wanted > 0)
            throw new EndOfStreamException("the archive became shorter while it was read");
        _at += count;
        return count;
    }
}
