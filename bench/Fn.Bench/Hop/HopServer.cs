using Fn.Runner.Calls.Http;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fn.Bench.Hop;

/// <summary>
/// The other side of the hop, a process of its own: the runner's endpoints over a runner that answers at once, and plain endpoints for both versions of HTTP.
/// </summary>
internal static class HopServer
{
    public const string Command = "hop-server";

    public const string PlainPath = "/plain";

    /// <summary>Serves until its input ends, so that it does not outlive who started it.</summary>
    public static async Task<int> RunAsync(CancellationToken cancel)
    {
        SocketThreads.Configure();
        await using var runner = await StartRunnerAsync();
        await using var http1 = await StartPlainAsync(HttpProtocols.Http1);
        await using var http2 = await StartPlainAsync(HttpProtocols.Http2);
        Console.WriteLine(string.Join(' ', runner.Urls.Single(), http1.Urls.Single(), http2.Urls.Single()));
        await Console.In.ReadToEndAsync(cancel);
        return 0;
    }

    private static async Task<WebApplication> StartRunnerAsync()
    {
        var builder = Builder();
        var runner = new AnsweringRunner("bench");
        builder.Services.AddSingleton<IRunner>(runner).AddSingleton<IRunnerControl>(runner).AddSingleton<IRunnerWarmer>(runner).AddSingleton<IRunnerStatusSource>(runner);
        builder.Services.AddSingleton(new ClusterKey(HopBench.Key)).AddRunnerEndpoints();
        var app = builder.Build();
        app.MapRunner();
        await app.StartAsync();
        return app;
    }

    private static async Task<WebApplication> StartPlainAsync(HttpProtocols protocols)
    {
        var builder = Builder();
        builder.Services.PostConfigure<KestrelServerOptions>(options => options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols));
        var app = builder.Build();
        app.MapPost(PlainPath, AnswerAsync);
        await app.StartAsync();
        return app;
    }

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.AddServiceDefaults(new ServiceHosting { DefaultPort = 0, MayLeaveLoopback = false });
        return builder;
    }

    /// <summary>Reads what an offer has, and answers with what an answer has.</summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        var buffer = new byte[64];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0)
        {
        }
        var response = context.Response;
        response.Headers[RunnerWire.Outcome] = "answer";
        response.Headers[RunnerWire.Timeline] = "cold=0;7=15;8=20;runner=bench";
        response.Headers.ContentType = "text/plain";
        response.ContentLength = 5;
        await response.Body.WriteAsync("hello"u8.ToArray(), context.RequestAborted);
    }
}
