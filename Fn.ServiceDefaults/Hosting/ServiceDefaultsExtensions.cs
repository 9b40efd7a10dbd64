using System.Text;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>What every service shares.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of the health checks that say the process is not wedged; all others only say whether it can serve calls.</summary>
    public const string LiveTag = "live";

    /// <summary>It makes a span of its own for every request as soon as it may log anything.</summary>
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    private const string ConsoleQueue = "Logging:Console:QueueFullMode";

    private static readonly (string Category, LogLevel Least)[] Quiet =
    [
        ("Microsoft.AspNetCore", LogLevel.Warning),
        ("StackExchange.Redis", LogLevel.Critical),
        // Whoever asks for the health is told; what it is about logs it itself.
        ("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical),
    ];

    /// <summary>Sets where the service listens, how Kestrel treats what comes in, the health checks and the telemetry. Reads the configuration: call it once all sources are added.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, ServiceHosting hosting)
    {
        builder.AddListening(hosting);
        builder.AddHostFilter();
        builder.AddQuietLogs();
        builder.AddFnTelemetry(hosting);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, hosting));
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddSingleton<FatalCondition>();
        builder.Services.AddFnOptions<IdleMemoryOptions>(IdleMemoryOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<IdleMemory>();
        var gate = new StartGate();
        builder.Services.AddSingleton(gate).AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(gate);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (can serve calls) and <c>/alive</c> (is not wedged), in every environment: 200, or 503 when unhealthy; and <c>/metrics</c>.
    /// </summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync });
        app.MapHealthChecks("/alive", new HealthCheckOptions
        {
            ResponseWriter = HealthReportWriter.WriteAsync,
            Predicate = check => check.Tags.Contains(LiveTag),
        });
        app.MapFnTelemetry();
        return app;
    }

    private static void AddListening(this WebApplicationBuilder builder, ServiceHosting hosting)
    {
        var plan = ListenRules.Decide(builder.Configuration, hosting.DefaultPort, hosting.MayLeaveLoopback);
        foreach (var (key, value) in plan.Changes)
            builder.Configuration[key] = value;
        if (!hosting.MayLeaveLoopback)
            builder.Services.AddHostedService(services => new LoopbackNotice(plan.Moved, hosting.HowToOpen, services.GetRequiredService<ILogger<LoopbackNotice>>()));
    }

    /// <summary>In Development a page of another site must not reach the service through a host name that resolves to this machine.</summary>
    private static void AddHostFilter(this WebApplicationBuilder builder)
    {
        const string key = "AllowedHosts";
        if (builder.Environment.IsDevelopment() && string.IsNullOrEmpty(builder.Configuration[key]))
            builder.Configuration[key] = "localhost;127.0.0.1;[::1]";
    }

    /// <summary>Calls are logged by what happens to them, not twice each by the framework, and connections by what they are for, unless the configuration asks for that.</summary>
    private static void AddQuietLogs(this WebApplicationBuilder builder)
    {
        // Whoever logs goes on: a standard output that nobody reads must not stop calls. What is lost is counted, and said there.
        builder.Configuration[ConsoleQueue] ??= nameof(ConsoleLoggerQueueFullMode.DropWrite);
        foreach (var (category, least) in Quiet)
        {
            if (builder.Configuration[$"Logging:LogLevel:{category}"] is null)
                builder.Logging.AddFilter(category, least);
        }
        if (!Names("Microsoft.AspNetCore") && !Names("Microsoft.AspNetCore.Hosting") && !Names(RequestLog))
            builder.Logging.AddFilter(RequestLog, LogLevel.None);

        bool Names(string category) => builder.Configuration[$"Logging:LogLevel:{category}"] is not null;
    }

    private static void Configure(KestrelServerOptions kestrel, ServiceHosting hosting)
    {
        kestrel.AddServerHeader = false;
        // Header values pass through as the bytes they are.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestHeadersTotalSize = hosting.MaxRequestHeaderSize;
        // Kestrel refuses to start with less room than one block of headers takes.
        kestrel.Limits.MaxRequestBufferSize = Math.Max(hosting.MaxRequestHeaderSize, kestrel.Limits.MaxRequestBufferSize ?? 0);
        // The size bounds them; a gateway adds some of its own to those that a client sent. Kestrel doubles this for HTTP/2: more overflows, and refuses everything.
        kestrel.Limits.MaxRequestHeaderCount = int.MaxValue / 2;
        // How large a body may be, and how long it may take, are limits of calls (Fn:Api, Fn:Calls): a function may read or write slowly for as long as it may run.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        if (!hosting.MayLeaveLoopback)
            kestrel.ConfigureEndpointDefaults(LoopbackNotice.RefuseBeyondLoopback);
    }
}
