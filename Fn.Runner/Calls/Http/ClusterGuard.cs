using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Http;

/// <summary>Lets only members of the cluster in: requests that carry no valid proof are answered with 401 and this runner's id, to which a proof is bound.</summary>
internal sealed partial class ClusterGuard(ClusterKey key, IRunner runner, TimeProvider time, ILogger<ClusterGuard> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private long _saidAt;

    public RequestDelegate Guard(RequestDelegate next) => context =>
    {
        if (Admits(context.Request))
            return next(context);
        Refuse(context);
        return Task.CompletedTask;
    };

    private bool Admits(HttpRequest request) =>
        !key.IsSet || key.VerifyRequest(runner.Name, request.Method, request.Path, request.Headers[RunnerWire.Mac]);

    private void Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers[RunnerWire.RunnerId] = runner.Name;
        context.Response.ContentLength = 0;
        // One that was made for another runner is how a gateway finds out whom it talks to: no news.
        if (context.Request.Headers.TryGetValue(RunnerWire.MacRunner, out var meant) && meant != runner.Name)
            return;
        var now = time.GetTimestamp();
        var said = Volatile.Read(ref _saidAt);
        if ((said == 0 || time.GetElapsedTime(said, now) >= Quiet) && Interlocked.CompareExchange(ref _saidAt, now, said) == said)
            Log.Refused(logger, context.Connection.RemoteIpAddress?.ToString() ?? "this machine");
    }

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Warning, "Refused a request from {Remote}: it was not made with this runner's Fn:Cluster:Key. Gateways and runners need the same key")]
        public static partial void Refused(ILogger logger, string remote);
    }
}
