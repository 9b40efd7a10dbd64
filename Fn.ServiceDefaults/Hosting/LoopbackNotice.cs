using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>Says at start that only this machine can reach the service, why, and what to do about it.</summary>
internal sealed partial class LoopbackNotice(IReadOnlyList<MovedAddress> moved, string? howToOpen, ILogger<LoopbackNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var hint = howToOpen is null ? "" : $" To open it, {howToOpen}.";
        foreach (var (configured, used) in moved)
            Log.Moved(logger, configured, used, hint);
        if (moved.Count == 0)
            Log.LoopbackOnly(logger, hint);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Endpoints can be added to a configuration file while the process runs; those have not passed the rules of the start.</summary>
    public static void RefuseBeyondLoopback(ListenOptions endpoint)
    {
        if (endpoint.IPEndPoint is { } ip && !IPAddress.IsLoopback(ip.Address))
            throw new FnStartException($"{ip} is beyond loopback: without tokens nothing but loopback is listened on");
    }

    private static partial class Log
    {
        [LoggerMessage(900, LogLevel.Warning, "Listening on {Used} in place of {Configured}: callers need not show who they are, so only this machine may call.{Hint}")]
        public static partial void Moved(ILogger logger, string configured, string used, string hint);

        [LoggerMessage(901, LogLevel.Information, "Listening on loopback only: callers need not show who they are, so only this machine may call.{Hint}")]
        public static partial void LoopbackOnly(ILogger logger, string hint);
    }
}
