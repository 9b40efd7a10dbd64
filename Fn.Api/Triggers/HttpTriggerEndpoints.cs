using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Invocation;

namespace Fn.Api.Triggers;

/// <summary><c>/t/{app}/{source}</c>, with any of the methods of HTTP: calls the function behind a path of an app.</summary>
internal sealed class HttpTriggerEndpoints(TriggerResolver triggers, IFunctionResolver functions, CallForwarder forwarder)
{
    public static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE"];

    private const string Root = "/t/";

    private static readonly ApiError MissingAppName = new(400, "Missing app name");

    public async Task CallAsync(HttpContext context)
    {
        var (appName, source) = Split(context.RawPath());
        if (appName.Length == 0)
            await MissingAppName.WriteAsync(context.Response);
        else if (await triggers.FindAsync(appName, source, context.RequestAborted) is not { } trigger)
            await (await triggers.AppExistsAsync(appName, context.RequestAborted) ? TriggerErrors.NotFound : AppErrors.NotFound).WriteAsync(context.Response);
        else if (await functions.ResolveAsync(trigger.FunctionId, context.RequestAborted) is not { } function)
            await FunctionErrors.NotFound.WriteAsync(context.Response);
        else
            await forwarder.ForwardAsync(context, function, HttpTriggerTranslation.Instance);
    }

    /// <summary>Cuts the path as it was sent and decodes each part once: a slash that was encoded is one of the source.</summary>
    private static (string AppName, string Source) Split(string path)
    {
        var rest = path.Length > Root.Length ? path[Root.Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? (Uri.UnescapeDataString(rest), "/")
            : (Uri.UnescapeDataString(rest[..slash]), Uri.UnescapeDataString(rest[slash..]));
    }
}
