namespace Fn.Api.Http;

/// <summary>Turns what no handler expected into the contract's 500, or, once an answer is on its way, breaks the connection.</summary>
internal sealed partial class FailureMiddleware(RequestDelegate next, ILogger<FailureMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientLeft(logger, context.Request.Method, context.Request.Path);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            Log.BadRequest(logger, context.Request.Method, context.Request.Path, e.StatusCode);
            await AnswerAsync(context, new ApiError(e.StatusCode, "Bad request"));
        }
        // The last stop of a request: whatever a handler throws must become an answer, and not take the process with it.
        catch (Exception e)
        {
            Log.Failed(logger, e, context.Request.Method, context.Request.Path);
            if (context.Response.HasStarted)
                context.Abort();
            else
                await AnswerAsync(context, ApiError.Internal);
        }
    }

    private static Task AnswerAsync(HttpContext context, ApiAnswer answer)
    {
        context.Response.Clear();
        return answer.WriteAsync(context.Response);
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, string path);

        [LoggerMessage(1001, LogLevel.Debug, "{Method} {Path}: the client left")]
        public static partial void ClientLeft(ILogger logger, string method, string path);

        [LoggerMessage(1002, LogLevel.Debug, "{Method} {Path} is no valid request: {Status}")]
        public static partial void BadRequest(ILogger logger, string method, string path, int status);
    }
}
