using System.Text;
using System.Text.Json;
using Docker.DotNet.Models;

namespace Fn.Runner.Drivers.Docker;

/// <summary>
/// Registry credentials as <c>docker login</c> leaves them: the <c>auths</c> of <c>config.json</c> in DOCKER_CONFIG or <c>~/.docker</c>, read for each pull.
/// Credential helpers are not asked.
/// </summary>
internal sealed partial class DockerCredentials(ILogger<DockerCredentials> logger)
{
    private const string DirectoryVariable = "DOCKER_CONFIG";

    /// <summary>The credentials for a registry; null: it is asked without any.</summary>
    public AuthConfig? For(string registry)
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        var file = Path.Combine(directory, "config.json");
        if (!File.Exists(file))
            return null;
        try
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(file));
            return Find(config.RootElement, registry);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            Log.Unreadable(logger, file, e.Message);
            return null;
        }
    }

    private static AuthConfig? Find(JsonElement config, string registry)
    {
        if (!config.TryGetProperty("auths", out var auths))
            return null;
        // One registry may stand there under several names: a browser login leaves ".../v1/access-token" beside ".../v1/".
        if (auths.TryGetProperty(registry, out var own))
            return Read(own, registry);
        foreach (var entry in auths.EnumerateObject())
        {
            if (HostOf(entry.Name) == HostOf(registry))
                return Read(entry.Value, registry);
        }
        return null;
    }

    private static AuthConfig? Read(JsonElement entry, string registry)
    {
        var credentials = new AuthConfig { ServerAddress = registry };
        if (entry.TryGetProperty("identitytoken", out var token))
            credentials.IdentityToken = token.GetString();
        if (entry.TryGetProperty("auth", out var auth) && auth.GetString() is { Length: > 0 } encoded)
        {
            var both = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            var colon = both.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new FormatException("an auth is not user:password in base 64");
            (credentials.Username, credentials.Password) = (both[..colon], both[(colon + 1)..]);
        }
        return credentials.IdentityToken is null && credentials.Username is null ? null : credentials;
    }

    // "https://index.docker.io/v1/" and "index.docker.io" are one registry.
    private static string HostOf(string registry)
    {
        var scheme = registry.IndexOf("://", StringComparison.Ordinal);
        var host = scheme < 0 ? registry : registry[(scheme + 3)..];
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? host : host[..slash];
    }

    private static partial class Log
    {
        [LoggerMessage(2520, LogLevel.Warning, "The Docker configuration {File} is not used for registry credentials: {Reason}")]
        public static partial void Unreadable(ILogger logger, string file, string reason);
    }
}
