using System.Text.Json;
using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Http;

/// <summary>Takes the spec of a function from a gateway, ahead of the first call of a revision that this runner does not know.</summary>
internal sealed class RevisionEndpoint(RevisionCache revisions)
{
    public async Task HandleAsync(HttpContext context)
    {
        var (function, problem) = await ReadAsync(context);
        if (function is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(problem + "\n", context.RequestAborted);
            return;
        }
        revisions.Add(function);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask<(FunctionSpec? Function, string? Problem)> ReadAsync(HttpContext context)
    {
        FunctionSpec? function;
        try
        {
            function = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.FunctionSpec, context.RequestAborted);
        }
        catch (JsonException e)
        {
            return (null, $"The body is no function: {e.Message}");
        }
        if (function is null)
            return (null, "The body is no function: it is null.");
        // A gateway of another version may compute revisions differently: its calls would then name containers that are not what it means.
        var named = context.Request.RouteValues["revision"] as string;
        return named == function.Revision ? (function, null) : (null, $"The function's revision is {function.Revision}, not {named}.");
    }
}
