using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Fn.Api.Http;

/// <summary>
/// Holds requests to <see cref="ApiOptions.MaxRequestSize"/>, those of the management to <see cref="ApiOptions.MaxManagementBody"/> too: one that says it is larger is refused before anything else is looked at; one that does not
/// say is cut there (reading on throws <see cref="BadHttpRequestException"/> with status 413).
/// </summary>
internal sealed class RequestSizeMiddleware(RequestDelegate next, IOptions<ApiOptions> options)
{
    private readonly long? _max = options.Value.MaxRequestSize;
    private readonly long _maxManagement = Math.Min(options.Value.MaxRequestSize ?? long.MaxValue, options.Value.MaxManagementBody);

    public Task InvokeAsync(HttpContext context)
    {
        var max = context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal) ? _maxManagement : _max;
        if (context.Request.ContentLength is { } length && length > max)
        {
            var error = new ApiError(StatusCodes.Status413PayloadTooLarge, $"Content-Length too large for this server, {length} > max {max}");
            return error.WriteAsync(context.Response);
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = max;
        return next(context);
    }
}
