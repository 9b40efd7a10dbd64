namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An archive of images, by the names of its members. Not thread-safe.</summary>
internal interface IImageArchive : IDisposable
{
    /// <summary>A member for reading, from its beginning; null when there is none. Throws <see cref="IOException"/>.</summary>
    Stream? Open(string member);
}
