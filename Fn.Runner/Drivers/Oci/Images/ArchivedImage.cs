namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>An image as it lies in an archive.</summary>
/// <param name="Names">Its names there, as they are written.</param>
/// <param name="ConfigMember">The member that holds its configuration.</param>
/// <param name="Config">The digest of that; null when the archive does not say.</param>
/// <param name="Layers">Its layers, the lowest first.</param>
internal sealed record ArchivedImage(IReadOnlyList<string> Names, string ConfigMember, Digest? Config, IReadOnlyList<ArchivedLayer> Layers);

/// <param name="Member">The member that holds the layer.</param>
/// <param name="Blob">The digest of the member as it is, compressed or not; null when the archive does not say.</param>
internal sealed record ArchivedLayer(string Member, Digest? Blob);
