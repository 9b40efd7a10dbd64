namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An image layout that lies unpacked in a directory. Its members are asked for by fixed names and by digests alone, so no name leads out of it.</summary>
internal sealed class ArchiveDirectory(string directory) : IImageArchive
{
    public Stream? Open(string member)
    {
        var path = Path.Combine(directory, member);
        return File.Exists(path) ? File.OpenRead(path) : null;
    }

    public void Dispose()
    {
    }
}
