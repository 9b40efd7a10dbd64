using System.Security.Cryptography;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>Passes a stream on and takes its digest, so that nothing has to be read twice to be verified.</summary>
internal sealed class HashedStream(Stream inner, UnpackBudget? budget, CancellationToken cancel) : ForwardStream
{
    private const int DrainBuffer = 128 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override int Read(Span<byte> buffer)
    {
        cancel.ThrowIfCancellationRequested();
        var count = inner.Read(buffer);
        budget?.TakeBytes(count);
        _hash.AppendData(buffer[..count]);
        return count;
    }

    /// <summary>Reads what is left and compares. Throws <see cref="InvalidDataException"/> when the content is not what it was said to be.</summary>
    public void Verify(Digest expected, string what)
    {
        var buffer = new byte[DrainBuffer];
        while (Read(buffer) > 0)
        {
            // Hashed by reading.
        }
        var actual = new Digest(Convert.ToHexStringLower(_hash.GetHashAndReset()));
        if (actual != expected)
            throw new InvalidDataException($"{what} has the digest {actual}, not {expected}");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
