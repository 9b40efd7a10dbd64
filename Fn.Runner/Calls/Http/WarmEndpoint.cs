using System.Globalization;
using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Http;

/// <summary>Takes a gateway's wish for containers that are kept ready. Milliseconds in, a <see cref="WarmState"/> out.</summary>
internal sealed class WarmEndpoint(IRunnerWarmer warmer, RevisionCache revisions)
{
    public async Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!TryRead(query["count"], FunctionSpec.MostMinHot, out var count)
            || !TryRead(query["lease"], (int)WarmWish.MaxLease.TotalMilliseconds, out var lease)
            || !TryRead(query["wait"], (int)WarmWish.MaxWait.TotalMilliseconds, out var wait))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                $"count is a number up to {FunctionSpec.MostMinHot}, lease and wait are milliseconds up to an hour and a minute.\n", context.RequestAborted);
            return;
        }
        if (revisions.Find((string)context.Request.RouteValues["revision"]!) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.Headers[RunnerWire.NotPlaced] = RunnerWire.ToWire(NotPlacedReason.UnknownRevision);
            return;
        }
        var wish = new WarmWish(count, TimeSpan.FromMilliseconds(lease), TimeSpan.FromMilliseconds(wait));
        var state = await warmer.WarmAsync(function, wish, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(state, WireJson.Default.WarmState, cancellationToken: context.RequestAborted);
    }

    private static bool TryRead(string? text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
