using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Fn.AppHost;

/// <summary>
/// The platform as an Aspire app model: a Redis, a gateway, and runners. The same file compiles against Aspire and against its stand-in.
/// <c>--runners N</c> (default 2) and <c>--api-port PORT</c> (default 8080) follow the command line's <c>--</c>.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (UseAspireCommand.IsGiven(args))
            return UseAspireCommand.Run(args, AppHostFolder.Root, Console.Out);
        try
        {
            await Model(args).Build().RunAsync();
            return Environment.ExitCode;
        }
        catch (AppHostException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static IDistributedApplicationBuilder Model(string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(args);
#if ASPIRE_PUBLISHING
        if (builder.ExecutionContext.IsPublishMode)
            return Online.Publishing.PublishModel.Add(builder);
#endif
        var run = builder.ExecutionContext.IsRunMode;
        var count = Number(builder.Configuration, "runners", 2, 1, 100);
        var clusterKey = builder.AddParameter("cluster-key", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true);
        var redis = builder.AddRedis("redis");

        var api = builder.AddProject<Projects.Fn_Api>("api")
            .WithHttpEndpoint(port: run ? Number(builder.Configuration, "api-port", 8080, 0, 65535) : null)
            .WithExternalHttpEndpoints()
            .WithCluster(redis, clusterKey)
            .WithUrlForEndpoint("http", _ => new() { Url = "/dashboard/", DisplayText = "Dashboard" })
            .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API documentation" });

        // A resource for each, not replicas of one: what is asked of one runner, to drain for instance, must reach that one.
        for (var i = 1; i <= count; i++)
        {
            var runner = builder.AddProject<Projects.Fn_Runner>($"runner-{i}")
                .WithHttpEndpoint()
                .WithEnvironment("Fn__Runner__Name", $"runner-{i}")
                .WithCluster(redis, clusterKey)
                .WithShareOfMachine(count)
                .WithExamples(builder.AppHostDirectory);
#if USE_ASPIRE
            Online.RunnerCommands.Add(runner, api);
#endif
            api.WaitFor(runner);
        }
        return builder;
    }

    private static int Number(ConfigurationManager configuration, string key, int otherwise, int minimum, int maximum)
    {
        if (configuration[key] is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum)
            return number;
        throw new AppHostException($"--{key} is '{text}': allowed is a number from {minimum} to {maximum}");
    }
}
