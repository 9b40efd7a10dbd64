using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>A file as a stream that leaves the handle open: the framework's own owns the handle it is given.</summary>
internal sealed class SeekableFile(SafeFileHandle file) : ForwardStream
{
    public override bool CanSeek => true;

    public override long Length { get; } = RandomAccess.GetLength(file);

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(file, buffer, Position);
        Position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };
}
