using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>A forward-only stream that is read synchronously: unpacking is a chain of such on one thread of its own.</summary>
internal abstract class ForwardStream : ForwardOnlyStream
{
    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
}
