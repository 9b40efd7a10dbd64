using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner.Drivers.Docker;

/// <summary>The Docker engine that runs images: <c>Fn:Docker</c>.</summary>
internal sealed class DockerOptions
{
    public const string Section = "Fn:Docker";

    private const string HostVariable = "DOCKER_HOST";
    private const string DefaultHost = "unix:///var/run/docker.sock";

    /// <summary>Where the engine listens: <c>unix:///path</c> or <c>tcp://host:port</c>. Default: null, what DOCKER_HOST says, else <c>unix:///var/run/docker.sock</c>.</summary>
    public string? Host { get; set; }

    /// <summary>Longest time for one request to the engine, pulls, streams and the creation of containers (<c>Fn:Containers:CreateTimeout</c>) apart. Default: 30 s. Range: 1 s to 10 min.</summary>
    [Duration("1s", "10m")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The network that containers are in: <c>bridge</c>, <c>none</c>, or the name of one that the engine knows. Default: <c>bridge</c>.</summary>
    public string Network { get; set; } = "bridge";

    /// <summary>Where the engine is looked for.</summary>
    public string FindHost() => Host ?? (Environment.GetEnvironmentVariable(HostVariable) is { Length: > 0 } host ? host : DefaultHost);
}
