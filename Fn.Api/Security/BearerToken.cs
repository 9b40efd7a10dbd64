namespace Fn.Api.Security;

/// <summary>The token that a request shows.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Null: none, or several.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;
}
