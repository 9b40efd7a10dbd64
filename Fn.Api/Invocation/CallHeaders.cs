using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Invocation;

/// <summary>Which header lines pass between clients and functions, whatever the translation.</summary>
internal static class CallHeaders
{
    /// <summary>
    /// Whether a client's line may reach the function. <c>Expect</c> is answered by this server, Host and Content-Length are the call's own, and what the
    /// platform reserves for itself is never taken from a client. Hop-by-hop lines are judged by their value as well (<see cref="HeaderRules"/>).
    /// </summary>
    public static bool ReachesFunctions(string name) =>
        !name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Expect", StringComparison.OrdinalIgnoreCase)
        && !RunnerWire.IsReserved(name)
        && HeaderRules.IsName(name);

    /// <summary>Whether a function's line may reach the client.</summary>
    public static bool ReachesClients(string name, string value) =>
        !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && !FnHeaders.IsPlatforms(name)
        && !RunnerWire.IsReserved(name)
        && !HopHeaders.Contains(name, value)
        && HeaderRules.IsName(name)
        && HeaderRules.IsValue(value);
}
