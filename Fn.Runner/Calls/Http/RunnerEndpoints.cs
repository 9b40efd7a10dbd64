using System.Net.Sockets;
using Fn.Runner.Calls.Offers;
using Fn.Runner.Containers;
using Fn.Runner.Linux;
using Fn.Runner.Registry;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Runner.Calls.Http;

/// <summary>The seam over HTTP, runner's side (docs/wire.md). Needs an <see cref="IRunner"/>, an <see cref="IRunnerStatusSource"/> and an <see cref="IRunnerControl"/>.</summary>
internal static class RunnerEndpoints
{
    private const int MaxHeadSize = 4 * 1024 * 1024;

    public static IServiceCollection AddRunnerEndpoints(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new RevisionCache(RevisionCache.DefaultCapacity));
        services.TryAddSingleton<CallIntake>();
        services.TryAddSingleton<CallEndpoint>();
        // One for two processors, as the runtime's own threads for sockets: others run beside them.
        services.Replace(ServiceDescriptor.Singleton(static _ => new EventLoops(Math.Max(1, Environment.ProcessorCount / 2))));
        services.TryAddSingleton<RevisionEndpoint>();
        services.TryAddSingleton<FunctionLogTail>();
        services.TryAddSingleton<IRunnerLogs>(provider => provider.GetRequiredService<FunctionLogTail>());
        services.TryAddSingleton<LogsEndpoint>();
        services.TryAddSingleton<WarmEndpoint>();
        services.TryAddSingleton<ClusterGuard>();
        services.TryAddSingleton<ClusterKey>();
        services.TryAddSingleton<IRunnerAddress, AdvertisedAddress>();
        services.TryAddSingleton(new DrainNotice(TimeSpan.FromSeconds(1)));
        services.PostConfigure<KestrelServerOptions>(ConfigureServer);
        services.Configure<SocketTransportOptions>(ConfigureTransport);
        // Kestrel asks the last one first.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, RunnerListenerFactory>());
        return services;
    }

    /// <summary>Answers gateways. Calls come before everything else, in the thread that heard of them; all other requests are answered in the pool.</summary>
    public static WebApplication MapRunner(this WebApplication app)
    {
        var services = app.Services;
        var calls = services.GetRequiredService<CallEndpoint>();
        var revisions = services.GetRequiredService<RevisionEndpoint>();
        var warm = services.GetRequiredService<WarmEndpoint>();
        var status = services.GetRequiredService<IRunnerStatusSource>();
        var control = services.GetRequiredService<IRunnerControl>();
        var logs = services.GetRequiredService<LogsEndpoint>();
        var guard = services.GetRequiredService<ClusterGuard>();
        var call = Guarded(guard, calls.HandleAsync);
        app.Use(next => context => IsCall(context.Request) ? call(context) : InPoolAsync(next, context));
        app.UseRouting();
        app.MapPut(RunnerWire.RevisionsPath + "{revision}", Guarded(guard, revisions.HandleAsync));
        app.MapPost(RunnerWire.WarmPath + "{revision}", Guarded(guard, warm.HandleAsync));
        app.MapGet(RunnerWire.StatusPath, Guarded(guard, context =>
            context.Response.WriteAsJsonAsync(status.GetStatus(), WireJson.Default.RunnerStatus, cancellationToken: context.RequestAborted)));
        app.MapGet(RunnerWire.LogsPath + "{functionId}", Guarded(guard, logs.HandleAsync));
        app.MapPost(RunnerWire.DrainPath, Guarded(guard, async context =>
        {
            await control.DrainAsync(context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }));
        app.MapPost(RunnerWire.EvictPath, Guarded(guard, async context =>
        {
            var count = await control.EvictIdleAsync(context.Request.Query["function"] is [{ Length: > 0 } id] ? id : null, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(new EvictedCount(count), WireJson.Default.EvictedCount, cancellationToken: context.RequestAborted);
        }));
        return app;
    }

    /// <summary>Answers those who are not let in before anything of the request is read.</summary>
    private static RequestDelegate Guarded(ClusterGuard guard, RequestDelegate next) => context =>
    {
        var request = context.Request;
        if (!guard.Asks || guard.Admits(request.Method, request.Path.Value!, request.Headers[RunnerWire.Mac]))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers[RunnerWire.RunnerId] = guard.Refuse(request.Headers[RunnerWire.MacRunner], context.Connection.RemoteIpAddress?.ToString());
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    };

    private static bool IsCall(HttpRequest request) =>
        request.Path.Value is { } path && path.StartsWith(RunnerWire.CallsPath, StringComparison.Ordinal) && request.Method == HttpMethods.Post;

    private static async Task InPoolAsync(RequestDelegate next, HttpContext context)
    {
        await Task.Yield();
        await next(context);
    }

    private static void ConfigureTransport(SocketTransportOptions options)
    {
        // A call begins in the thread that heard of it: what the engine does there is short, and what takes long goes on elsewhere by itself (docs/adr/0014).
        options.UnsafePreferInlineScheduling = true;
        options.CreateBoundListenSocket = endpoint =>
        {
            // Inherited by every connection: one whose gateway vanished without a word is found out although it is never closed for being idle.
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            return socket;
        };
    }

    private static void ConfigureServer(KestrelServerOptions options)
    {
        // Thread A, the gateway, writes an offer on an idle connection while thread B, this server, closes it: nobody could then tell whether the call was
        // seen. So only gateways close idle connections. Not Timeout.InfiniteTimeSpan: the server's reckoning of that overflows and closes at the next tick.
        options.Limits.KeepAliveTimeout = TimeSpan.FromDays(365);
        // A gateway has applied its own limit to what the client sent, and adds to it. Kestrel doubles this for HTTP/2.
        options.Limits.MaxRequestHeaderCount = int.MaxValue / 2;
        options.Limits.MaxRequestHeadersTotalSize = MaxHeadSize;
        options.Limits.MaxRequestBufferSize = MaxHeadSize;
    }
}
