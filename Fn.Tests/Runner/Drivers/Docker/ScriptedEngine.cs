using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>What stands in for a Docker engine where a test needs one that misbehaves: answers each request as it is told to.</summary>
internal sealed class ScriptedEngine : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScriptedEngine(WebApplication application) => _application = application;

    public string Host => _application.Urls.Single().Replace("http://", "tcp://", StringComparison.Ordinal);

    public static async Task<ScriptedEngine> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.Run(answer);
        await application.StartAsync();
        return new ScriptedEngine(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
