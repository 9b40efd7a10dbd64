using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Http;

/// <summary>Ends an answer in such a way that nobody takes it for whole.</summary>
public static class BrokenAnswer
{
    /// <summary>How long the other end may take to receive what is still under way.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Breaks the connection off behind what was written so far. An abort alone drops what the server has not sent yet, maybe the head: whoever sees a
    /// connection end without a byte may take it for one that was closed before, and send the call again.
    /// </summary>
    public static async Task BreakOffAsync(HttpContext context, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        // On later versions of HTTP the transport carries other requests too, and a reset of this one waits for what was sent before.
        if (context.Response.HasStarted && HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IConnectionTransportFeature>() is { } connection)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (context.RequestAborted.UnsafeRegister(static ended => ((TaskCompletionSource)ended!).TrySetResult(), ended))
            {
                await connection.Transport.Output.CompleteAsync();
                using var enough = new CancellationTokenSource();
                await Task.WhenAny(ended.Task, Task.Delay(Moment, time, enough.Token));
                await enough.CancelAsync();
            }
        }
        context.Abort();
    }
}
