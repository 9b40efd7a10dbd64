namespace Fn.AppHost.Offline;

/// <summary>Aspire's application, or as much of it as the model needs: it starts the resources as child processes and stops them together.</summary>
internal sealed class DistributedApplication(string[] args, DistributedApplicationExecutionContext context, IReadOnlyList<StartedResource> resources)
{
    private const string WhatThisIs = "Aspire stand-in: no Aspire dashboard, no publishing. For Aspire: dotnet run --project Fn.AppHost -- use-aspire";

    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        Console.WriteLine(WhatThisIs);
        return new DistributedApplicationBuilder(args);
    }

    /// <summary>Runs until a signal ends it.</summary>
    /// <exception cref="AppHostException">A resource could not be started, or ended before all were up.</exception>
    public async Task RunAsync()
    {
        if (context.IsPublishMode)
        {
            Environment.ExitCode = await PublishCommand.RunAsync(args, AppHostFolder.Path);
            return;
        }
        using var signals = new StopSignals();
        using var launcher = new Launcher();
        await new Orchestrator(resources, launcher, signals, Console.Out).RunAsync();
    }
}
