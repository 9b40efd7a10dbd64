using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Fn.Api.Http;

/// <summary>
/// Holds requests to <see cref="ApiOptions.MaxRequestSize"/>: one that says it is larger is refused before anything else is looked at; one that does not
/// say is cut there (reading on throws <see cref="BadHttpRequestException"/> with status 413).
/// </summary>
internal sealed class RequestSizeMiddleware(RequestDelegate next, IOptions<ApiOptions> options)
{
    private readonly long? _max = options.Value.MaxRequestSize;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength is { } length && length > _max)
        {
            var error = new ApiError(StatusCodes.Status413PayloadTooLarge, $"Content-Length too large for this server, {length} > max {_max}");
            return error.WriteAsync(context.Response);
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = _max;
        return next(context);
    }
}
