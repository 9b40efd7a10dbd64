namespace Fn.AppHost.Online;

/// <summary>What the Aspire dashboard offers to do with a runner, beside starting and stopping it: docs/wire.md, the runner's side of it.</summary>
internal static class RunnerCommands
{
    private const string Endpoint = "http";

    public static void Add(IResourceBuilder<ProjectResource> runner) => runner
        .WithHttpCommand("/runner/v1/drain", "Drain", Endpoint, "drain", new HttpCommandOptions
        {
            Description = "Takes no new calls; those that run go on to their end.",
            ConfirmationMessage = "The runner takes no calls any more until it is started again. Drain it?",
            IconName = "Drop",
        })
        .WithHttpCommand("/runner/v1/evict?idle=true", "Evict idle containers", Endpoint, "evict-idle", new HttpCommandOptions
        {
            Description = "Ends all containers that serve no call; the next call of each function starts cold.",
            IconName = "Broom",
        });
}
