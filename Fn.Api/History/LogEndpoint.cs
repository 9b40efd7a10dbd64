using System.Globalization;
using System.Text;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Invocation;

namespace Fn.Api.History;

/// <summary><c>GET /v2/fns/{id}/logs</c>: what a function's containers wrote to standard error lately and, from then on, as it is written; ends when the client leaves.</summary>
internal sealed class LogEndpoint(IFunctionLogs logs, IFunctionResolver functions, IHostApplicationLifetime lifetime)
{
    public async Task HandleAsync(HttpContext context)
    {
        var functionId = context.RouteText("id");
        if (await functions.ResolveAsync(functionId, context.RequestAborted) is null)
        {
            await FunctionErrors.NotFound.WriteAsync(context.Response);
            return;
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var response = context.Response;
        response.ContentType = ApiAnswer.PlainText;
        response.Headers.CacheControl = "no-store";
        try
        {
            // Sends the head, so that a reader of a silent function knows that it is being listened to.
            await response.Body.FlushAsync(over.Token);
            await foreach (var line in logs.FollowAsync(functionId, over.Token))
            {
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes(Format(line)), over.Token);
                await response.Body.FlushAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }

    private static string Format(FunctionLogLine line) =>
        string.Create(CultureInfo.InvariantCulture, $"{line.At:yyyy-MM-ddTHH:mm:ss.fffZ} {line.CallId ?? "-"} {line.ContainerId} {line.Text}\n");
}
