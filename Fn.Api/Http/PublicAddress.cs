using Microsoft.Extensions.Options;

namespace Fn.Api.Http;

/// <summary>The base of the URLs that answers give out: <see cref="ApiOptions.PublicUrl"/>, else the host the client asked.</summary>
internal sealed class PublicAddress(IOptions<ApiOptions> options)
{
    private readonly string? _configured = options.Value.PublicUrl?.TrimEnd('/');

    /// <summary>Without a slash at its end.</summary>
    public string BaseFor(HttpRequest request) => string.IsNullOrEmpty(_configured) ? $"{request.Scheme}://{request.Host.Value}" : _configured;
}
