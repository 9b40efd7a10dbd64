namespace Fn.ServiceDefaults.Contracts;

/// <summary>The URL that a client asked for, as it was sent. Put together only where somebody asks for it: most functions never do.</summary>
/// <param name="Scheme">Of the request; empty when the target is the whole URL.</param>
/// <param name="Host">Of the request.</param>
/// <param name="Target">Path and query as in the request line, or the whole URL.</param>
public readonly record struct RequestUrl(string Scheme, string Host, string Target)
{
    /// <summary>A URL that is there as a whole.</summary>
    public static implicit operator RequestUrl(string url) => FromString(url);

    /// <summary>A URL that is there as a whole.</summary>
    public static RequestUrl FromString(string url) => new("", "", url);

    // A client that takes this for a proxy sends the whole URL.
    public override string ToString() => Scheme.Length > 0 && Target.StartsWith('/') ? string.Concat(Scheme, "://", Host, Target) : Target;
}
