using System.Text;
using System.Text.Json;
using Docker.DotNet.Models;

namespace Fn.Runner.Drivers.Docker;

/// <summary>
/// Registry credentials as <c>docker login</c> leaves them: in the <c>auths</c> of <c>config.json</c> in DOCKER_CONFIG or <c>~/.docker</c>, which is read for
/// each pull, or with the helper that it names for the registry (<c>credHelpers</c>) or for all (<c>credsStore</c>).
/// </summary>
internal sealed partial class DockerCredentials(TimeProvider time, ILogger<DockerCredentials> logger)
{
    private const string DirectoryVariable = "DOCKER_CONFIG";

    /// <summary>The credentials for a registry; null: it is asked without any.</summary>
    public async ValueTask<AuthConfig?> ForAsync(string registry, CancellationToken cancel)
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        var file = Path.Combine(directory, "config.json");
        if (!File.Exists(file))
            return null;
        string? helper;
        try
        {
            using var config = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancel));
            helper = Helper(config.RootElement, registry);
            if (helper is null)
                return Find(config.RootElement, registry);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            Log.Unreadable(logger, file, e.Message);
            return null;
        }
        var (found, problem) = await DockerCredentialHelper.AskAsync(helper, registry, time, cancel);
        if (problem is not null)
            Log.HelperFailed(logger, DockerCredentialHelper.Program(helper), registry, problem);
        return found;
    }

    // As docker does: where a helper is named the file itself is not looked into.
    private static string? Helper(JsonElement config, string registry)
    {
        var own = config.TryGetProperty("credHelpers", out var helpers) ? Entry(helpers, registry) : null;
        var name = own?.GetString() ?? (config.TryGetProperty("credsStore", out var store) ? store.GetString() : null);
        return string.IsNullOrEmpty(name) ? null : name;
    }

    private static AuthConfig? Find(JsonElement config, string registry) =>
        config.TryGetProperty("auths", out var auths) && Entry(auths, registry) is { } entry ? Read(entry, registry) : null;

    // One registry may stand there under several names: a browser login leaves ".../v1/access-token" beside ".../v1/".
    private static JsonElement? Entry(JsonElement byRegistry, string registry)
    {
        if (byRegistry.TryGetProperty(registry, out var own))
            return own;
        foreach (var entry in byRegistry.EnumerateObject())
        {
            if (HostOf(entry.Name) == HostOf(registry))
                return entry.Value;
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

        [LoggerMessage(2526, LogLevel.Warning, "Registry {Registry} is asked without credentials, for {Helper}, which the Docker configuration names, gave none: {Reason}")]
        public static partial void HelperFailed(ILogger logger, string helper, string registry, string reason);
    }
}
