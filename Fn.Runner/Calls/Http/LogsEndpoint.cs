using System.Text.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Http;

/// <summary>The lines of a function's log as they come, each a JSON object on a line of its own, until the reader leaves or the runner stops.</summary>
internal sealed class LogsEndpoint(IRunnerLogs logs, IHostApplicationLifetime lifetime)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public async Task HandleAsync(HttpContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var response = context.Response;
        response.ContentType = "application/x-ndjson";
        try
        {
            // So that a reader of a silent function knows that it is being listened to. To start the response would not send its head.
            await response.Body.FlushAsync(over.Token);
            await foreach (var line in logs.FollowAsync((string)context.Request.RouteValues["functionId"]!, over.Token))
            {
                await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, WireJson.Default.RunnerLogLine), over.Token);
                await response.Body.WriteAsync(NewLine, over.Token);
                await response.Body.FlushAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }
}
