using System.Text;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Docker;

internal sealed class DockerOptionsValidator : IValidateOptions<DockerOptions>
{
    /// <summary>Longest path of a socket in bytes that the library can connect to.</summary>
    private const int MaxSocketPath = 91;

    private static readonly string[] Schemes = ["unix", "tcp", "http", "https"];

    public ValidateOptionsResult Validate(string? name, DockerOptions options)
    {
        var host = options.FindHost();
        var setting = options.Host is null ? "DOCKER_HOST" : $"{DockerOptions.Section}:{nameof(DockerOptions.Host)}";
        if (!Uri.TryCreate(host, UriKind.Absolute, out var uri) || !Schemes.Contains(uri.Scheme))
            return ValidateOptionsResult.Fail($"{setting} is '{host}': allowed is unix:///path or tcp://host:port");
        return uri.Scheme == "unix" && Encoding.UTF8.GetByteCount(uri.LocalPath) > MaxSocketPath
            ? ValidateOptionsResult.Fail($"{setting} is '{host}': the path of a socket may have {MaxSocketPath} bytes")
            : ValidateOptionsResult.Success;
    }
}
