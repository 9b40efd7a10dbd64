namespace Fn.Runner.Drivers.Docker;

/// <summary>An image's name as it is asked for: repository, and tag or digest.</summary>
/// <param name="Repository">With its registry, if it names one.</param>
/// <param name="Tag">The tag, or the digest with its algorithm.</param>
internal readonly record struct ImageReference(string Repository, string Tag)
{
    /// <summary>The registry whose images need not name theirs, as the engine's configuration writes it.</summary>
    public const string DefaultRegistry = "https://index.docker.io/v1/";

    /// <summary>The registry, as the engine's configuration names it.</summary>
    public string Registry
    {
        get
        {
            var slash = Repository.IndexOf('/', StringComparison.Ordinal);
            var first = slash < 0 ? "" : Repository[..slash];
            return first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost"
                ? first is "docker.io" or "index.docker.io" ? DefaultRegistry : first
                : DefaultRegistry;
        }
    }

    /// <summary>Takes a name apart. Without a tag it is <c>latest</c>: the engine would otherwise fetch all there are.</summary>
    public static ImageReference Parse(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        if (digest >= 0)
            return new ImageReference(image[..digest], image[(digest + 1)..]);
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') ? new ImageReference(image[..colon], image[(colon + 1)..]) : new ImageReference(image, "latest");
    }
}
