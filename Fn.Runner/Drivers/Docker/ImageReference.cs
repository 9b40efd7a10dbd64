using System.Text.RegularExpressions;

namespace Fn.Runner.Drivers.Docker;

/// <summary>An image's name as it is asked for: repository, and tag or digest.</summary>
/// <param name="Repository">With its registry, if it names one.</param>
/// <param name="Tag">The tag, or the digest with its algorithm.</param>
internal readonly partial record struct ImageReference(string Repository, string Tag)
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

    /// <summary>
    /// Takes a name apart; null when it is none. Without a tag it is <c>latest</c>: the engine would otherwise fetch all there are. Names become part of
    /// the addresses of requests to the engine, so nothing else gets that far.
    /// </summary>
    public static ImageReference? Parse(string image)
    {
        if (Grammar().Match(image) is not { Success: true } match)
            return null;
        var repository = match.Groups["repository"].Value;
        if (match.Groups["digest"] is { Success: true, Value: var digest })
            return new ImageReference(repository, digest);
        return new ImageReference(repository, match.Groups["tag"] is { Success: true, Value: var tag } ? tag : "latest");
    }

    // The grammar of the engine's own references: [host[:port]/]path[:tag][@digest].
    [GeneratedRegex(
        """
        \A(?<repository>
          (?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?
          [a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*
          (?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)
        (?::(?<tag>[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?
        (?:@(?<digest>[a-zA-Z][a-zA-Z0-9]*(?:[+._-][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,}))?\z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();
}
