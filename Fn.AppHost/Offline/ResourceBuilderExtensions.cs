namespace Fn.AppHost.Offline;

/// <summary>Of Aspire's methods on resources, those that the model uses, by the same names.</summary>
internal static class ResourceBuilderExtensions
{
    private const string HttpEndpoint = "http";

    /// <param name="builder">The service.</param>
    /// <param name="port">The port on loopback; null: any that is free.</param>
    public static IResourceBuilder<ProjectResource> WithHttpEndpoint(this IResourceBuilder<ProjectResource> builder, int? port = null) =>
        builder.With(resource => resource.Port = port ?? 0);

    /// <summary>Nothing to do on one machine.</summary>
    public static IResourceBuilder<ProjectResource> WithExternalHttpEndpoints(this IResourceBuilder<ProjectResource> builder) => builder;

    public static IResourceBuilder<ProjectResource> WithHttpHealthCheck(this IResourceBuilder<ProjectResource> builder, string path) =>
        builder.With(resource => resource.HealthPath = path);

    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResourceWithConnectionString> source) =>
        builder.With(resource => resource.References.Add(source.Resource));

    public static IResourceBuilder<ProjectResource> WaitFor(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResource> dependency) =>
        builder.With(resource => resource.WaitsFor.Add((StartedResource)dependency.Resource));

    public static IResourceBuilder<ProjectResource> WithEnvironment(this IResourceBuilder<ProjectResource> builder, string name, string value) =>
        builder.With(resource => resource.Environment[name] = value);

    public static IResourceBuilder<ProjectResource> WithEnvironment(this IResourceBuilder<ProjectResource> builder, string name, IResourceBuilder<ParameterResource> parameter) =>
        builder.WithEnvironment(name, parameter.Resource.Value);

    public static IResourceBuilder<ProjectResource> WithUrlForEndpoint(
        this IResourceBuilder<ProjectResource> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
    {
        if (endpointName != HttpEndpoint)
            throw new ArgumentException($"{builder.Resource.Name} has no endpoint {endpointName}", nameof(endpointName));
        return builder.With(resource => resource.Urls.Add(callback(new EndpointReference(resource, endpointName))));
    }

    private static IResourceBuilder<ProjectResource> With(this IResourceBuilder<ProjectResource> builder, Action<ProjectResource> change)
    {
        change(builder.Resource);
        return builder;
    }
}
