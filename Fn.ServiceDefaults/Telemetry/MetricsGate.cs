using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fn.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Telemetry;

/// <summary>
/// Who may read <c>/metrics</c>, which tells what runs here and how much of it: whoever has a token for it; without any token only this machine, unless the
/// service is open to anybody.
/// </summary>
internal sealed class MetricsGate
{
    public const string Path = "/metrics";

    private const string Scheme = "Bearer ";

    private readonly byte[][] _tokens;
    private readonly bool _open;

    public MetricsGate(IReadOnlyList<string> tokens, ServiceHosting hosting)
    {
        _tokens = [.. tokens.Concat(hosting.Tokens).Select(Digest)];
        _open = hosting.IsOpen;
    }

    public bool Opens(HttpContext context)
    {
        if (_tokens.Length == 0)
            return _open || context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote);
        if (context.Request.Headers.Authorization is not [{ } value] || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        // Digests have one length, so comparing them tells nothing of a token's, and no match ends the loop early.
        var digest = Digest(value[Scheme.Length..].Trim());
        var found = false;
        foreach (var token in _tokens)
            found |= CryptographicOperations.FixedTimeEquals(token, digest);
        return found;
    }

    public static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{Path} needs a bearer token of {TelemetryOptions.Section}:{nameof(TelemetryOptions.MetricsTokens)}\n", context.RequestAborted);
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
