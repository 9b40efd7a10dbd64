namespace Fn.Api.Security;

internal static class AccessRule
{
    /// <summary>What a path needs. By path and not by endpoint, so that something new is closed until it is named here.</summary>
    public static Access For(PathString path)
    {
        // Metrics have tokens of their own, and who asks for them is asked there.
        if (path.Value == "/metrics")
            return Access.Anyone;
        // The documentation is the same for every gateway, and tells nothing of this one.
        if (path.Value is "/health" or "/alive" || IsBelow(path, "/openapi") || IsBelow(path, "/docs"))
            return Access.Anyone;
        if (IsBelow(path, "/invoke") || IsBelow(path, "/t"))
            return Access.Invoke;
        return IsBelow(path, "/dashboard") ? Access.SignIn : Access.Manage;
    }

    /// <summary>Whether browsers of other sites are kept out of a path: those that change or show what is deployed.</summary>
    public static bool IsSameOriginOnly(PathString path) =>
        path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/dashboard", StringComparison.OrdinalIgnoreCase);

    private static bool IsBelow(PathString path, string root) => path.StartsWithSegments(root, StringComparison.Ordinal);
}
