using System.Globalization;

namespace Fn.AppHost.Offline;

internal interface IResource
{
    string Name { get; }
}

internal interface IResourceWithConnectionString : IResource
{
    /// <summary>What <c>WithReference</c> gives a service: the connection string and, by their names, its parts.</summary>
    IEnumerable<KeyValuePair<string, string>> ReferenceVariables();
}

internal interface IResourceBuilder<out T>
    where T : IResource
{
    T Resource { get; }
}

internal sealed record ResourceBuilder<T>(T Resource) : IResourceBuilder<T>
    where T : IResource;

/// <summary>Where a project's source is.</summary>
internal interface IProjectMetadata
{
    string ProjectPath { get; }
}

internal sealed class ResourceUrlAnnotation
{
    /// <summary>Relative to the endpoint.</summary>
    public required string Url { get; set; }

    public string? DisplayText { get; set; }
}

/// <summary>An endpoint as a callback of the model sees it.</summary>
internal sealed record EndpointReference(ProjectResource Resource, string EndpointName);

internal sealed record ParameterResource(string Name, string Value) : IResource;

/// <summary>A resource that is started: after all those it waits for, and stopped before them.</summary>
internal abstract class StartedResource(string name) : IResource
{
    public string Name => name;

    public List<StartedResource> WaitsFor { get; } = [];
}

internal sealed class RedisResource(string name, string password) : StartedResource(name), IResourceWithConnectionString
{
    public string Password => password;

    /// <summary>On loopback; chosen when the application starts.</summary>
    public int Port { get; set; }

    public IEnumerable<KeyValuePair<string, string>> ReferenceVariables()
    {
        var prefix = Name.ToUpperInvariant().Replace('-', '_');
        var port = Port.ToString(CultureInfo.InvariantCulture);
        return
        [
            new($"ConnectionStrings__{Name}", $"localhost:{port},password={password}"),
            new($"{prefix}_HOST", "localhost"),
            new($"{prefix}_PORT", port),
            new($"{prefix}_PASSWORD", password),
            new($"{prefix}_URI", $"redis://:{Uri.EscapeDataString(password)}@localhost:{port}"),
        ];
    }
}

internal sealed class ProjectResource(string name, IProjectMetadata project) : StartedResource(name)
{
    public IProjectMetadata Project => project;

    /// <summary>On loopback; 0: chosen when the application starts. Null: it has no endpoint.</summary>
    public int? Port { get; set; }

    public string? HealthPath { get; set; }

    public List<IResourceWithConnectionString> References { get; } = [];

    public Dictionary<string, string> Environment { get; } = [];

    public List<ResourceUrlAnnotation> Urls { get; } = [];

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{Port}"));
}
