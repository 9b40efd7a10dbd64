using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Fn.AppHost.Offline;

/// <summary>Publishing is Aspire's: asked for it, the program is built again with Aspire and given the same arguments.</summary>
internal static class PublishCommand
{
    public static bool IsGiven(IConfiguration configuration) =>
        configuration["publisher"] is { Length: > 0 } || string.Equals(configuration["operation"], "publish", StringComparison.OrdinalIgnoreCase);

    /// <returns>The exit code of the program built with Aspire, or of its build.</returns>
    public static async Task<int> RunAsync(string[] args, string appHostDirectory)
    {
        // The switches are variables, not options of the build: what is built in turn has to see them too.
        var start = new ProcessStartInfo("dotnet", ["run", "--project", appHostDirectory, "--", .. args]);
        start.Environment["UseAspire"] = "true";
        start.Environment["AspirePublishing"] = "true";
        using var aspire = Process.Start(start) ?? throw new AppHostException("dotnet could not be started");
        await aspire.WaitForExitAsync();
        return aspire.ExitCode;
    }
}
