namespace Fn.ServiceDefaults.Contracts;

/// <summary>The ways a container and the platform talk; the values of a function's <c>format</c>.</summary>
public static class FunctionFormat
{
    /// <summary>Hot: HTTP/1.1 on the unix socket the function listens on. What every FDK speaks, and what a function without a format has.</summary>
    public const string HttpStream = "http-stream";

    /// <summary>Hot: HTTP/1.1 requests on stdin, responses on stdout, one after another.</summary>
    public const string Http = "http";

    /// <summary>Cold: one container per call; the body on stdin, the answer on stdout, exit code 0 for success.</summary>
    public const string Default = "default";

    public static bool IsKnown(string format) => format is HttpStream or Http or Default;
}
