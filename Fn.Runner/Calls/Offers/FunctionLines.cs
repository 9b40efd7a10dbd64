using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Calls.Offers;

/// <summary>The header lines of a function's answer on their way to the gateway.</summary>
internal static class FunctionLines
{
    /// <summary>Under which name a function's line goes to the gateway; null: it does not.</summary>
    public static string? NameOnTheHop(string name, string value) =>
        name.Equals("Date", StringComparison.OrdinalIgnoreCase) ? RunnerWire.FunctionDate : MayPass(name, value) ? name : null;

    // A function must not be able to say what only the platform says.
    private static bool MayPass(string name, string value) =>
        !RunnerWire.IsReserved(name)
        && !HopHeaders.Contains(name, value)
        && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && HeaderRules.IsName(name)
        && HeaderRules.IsValue(value);
}
