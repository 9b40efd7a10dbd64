namespace Fn.AppHost.Online.Publishing;

/// <summary>
/// The model as it is published: gateways that share a database and ask for a token. Where to is said by <c>--target azure|compose|k8s</c>, default azure,
/// for azd gives no arguments of its own.
/// </summary>
internal static class PublishModel
{
    public static IDistributedApplicationBuilder Add(IDistributedApplicationBuilder builder)
    {
        var clusterKey = builder.AddParameter("cluster-key", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true);
        switch (builder.Configuration["target"] ?? "azure")
        {
            case "azure":
                AzureTarget.Add(builder, clusterKey);
                break;
            case "compose":
                ComposeTarget.Add(builder, clusterKey);
                break;
            case "k8s":
                KubernetesTarget.Add(builder, clusterKey);
                break;
            case var other:
                throw new AppHostException($"--target is '{other}': allowed is azure, compose or k8s");
        }
        return builder;
    }

    public static IResourceBuilder<ProjectResource> AddGateway(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<IResourceWithConnectionString> redis,
        IResourceBuilder<IResourceWithConnectionString> database,
        IResourceBuilder<ParameterResource> clusterKey) =>
        builder.AddProject<Projects.Fn_Api>("api")
            .WithHttpEndpoint()
            .WithExternalHttpEndpoints()
            .WithCluster(redis, clusterKey)
            .WithReference(database)
            .WaitFor(database)
            .WithEnvironment("Fn__Api__Tokens", builder.AddParameter("api-token", secret: true));

    public static IResourceBuilder<ProjectResource> AddRunner(
        this IDistributedApplicationBuilder builder, IResourceBuilder<IResourceWithConnectionString> redis, IResourceBuilder<ParameterResource> clusterKey) =>
        builder.AddProject<Projects.Fn_Runner>("runner")
            .WithHttpEndpoint()
            .WithCluster(redis, clusterKey)
            .WithEnvironment("Fn__Containers__SocketRoot", EnginePaths.Sockets)
            .WithEnvironment("Fn__DataDirectory", EnginePaths.Data);

    /// <summary>A PostgreSQL as a container; the database is made by the image, for Aspire makes it only when it runs the application itself.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabaseContainer(this IDistributedApplicationBuilder builder) =>
        builder.AddPostgres("postgres").WithEnvironment("POSTGRES_DB", "fndb").WithDataVolume().AddDatabase("fndb");
}
