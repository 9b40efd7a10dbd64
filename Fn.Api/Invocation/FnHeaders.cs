namespace Fn.Api.Invocation;

/// <summary>Headers by which the platform speaks to clients.</summary>
internal static class FnHeaders
{
    /// <summary>The call's id, on everything that is answered once there is a call.</summary>
    public const string CallId = "Fn-Call-Id";

    /// <summary>From the client: <c>detached</c>, exactly, asks not to be kept.</summary>
    public const string InvokeType = "Fn-Invoke-Type";

    /// <summary><c>hot</c> or <c>cold</c>: whether the call waited for its container to start.</summary>
    public const string Start = "Fn-Start";

    /// <summary>The runner that ran the call.</summary>
    public const string Runner = "Fn-Runner";

    /// <summary>The limit that fired, as setting and value.</summary>
    public const string Limit = "Fn-Limit";

    public const string ServerTiming = "Server-Timing";

    /// <summary>Whether only the platform says this. A function's own line of that name is dropped.</summary>
    public static bool IsPlatforms(string name) =>
        name.Equals(Start, StringComparison.OrdinalIgnoreCase)
        || name.Equals(Runner, StringComparison.OrdinalIgnoreCase)
        || name.Equals(Limit, StringComparison.OrdinalIgnoreCase);
}
