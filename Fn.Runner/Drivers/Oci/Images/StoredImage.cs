using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An image of the store that is kept there until this is disposed.</summary>
/// <param name="config">What it is.</param>
/// <param name="layers">The directories of its layers, the highest first.</param>
/// <param name="inUse">Held as long as it is used.</param>
internal sealed class StoredImage(ImageConfig config, IReadOnlyList<string> layers, FileLock inUse) : IDisposable
{
    public ImageConfig Config { get; } = config;

    public IReadOnlyList<string> Layers { get; } = layers;

    public void Dispose() => inUse.Dispose();
}
