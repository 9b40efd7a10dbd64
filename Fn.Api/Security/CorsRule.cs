namespace Fn.Api.Security;

/// <summary>Which other sites' pages may use the gateway.</summary>
internal sealed class CorsRule(ApiOptions options)
{
    private readonly HashSet<string> _origins = options.CorsOrigins.Select(origin => origin.TrimEnd('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);

    public bool AllowsAll => _origins.Contains("*");

    public bool Allows(string origin) => AllowsAll || _origins.Contains(origin);
}
