namespace Fn.AppHost.Online;

/// <summary>What the Aspire dashboard offers to do with a runner, beside starting and stopping it. Asked of the gateway: runners listen to members of the cluster only.</summary>
internal static class RunnerCommands
{
    public static void Add(IResourceBuilder<ProjectResource> runner, IResourceBuilder<ProjectResource> api) => runner
        .WithHttpCommand($"/v2/runners/{runner.Resource.Name}/drain", "Drain", () => api.GetEndpoint("http"), "drain", new HttpCommandOptions
        {
            Description = "Takes no new calls; those that run go on to their end.",
            ConfirmationMessage = "The runner takes no calls any more until it is started again. Drain it?",
            IconName = "Drop",
        })
        .WithHttpCommand($"/v2/runners/{runner.Resource.Name}/evict", "Evict idle containers", () => api.GetEndpoint("http"), "evict-idle", new HttpCommandOptions
        {
            Description = "Ends all containers that serve no call; the next call of each function starts cold.",
            IconName = "Broom",
        });
}
