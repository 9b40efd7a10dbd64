namespace Fn.Tests.Functions;

/// <summary>Where the function of <c>Functions/Faulty</c> is, and what it needs. Its behaviours are listed in <c>Faulty/Behaviours.cs</c>.</summary>
internal static class FaultyFunction
{
    /// <summary>The header that tells the function what to do.</summary>
    public const string Header = "Faulty";

    /// <summary>A directory for <c>Fn:Runner:ProcessRoots</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static string Image => $"process:{Path.Combine(Root, "Faulty")}";

    /// <summary>For the function's config: where the runtime is, if not at its usual place.</summary>
    public static IReadOnlyDictionary<string, string> Config { get; } = new Dictionary<string, string>
    {
        ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")),
    };

    // artifacts/bin/Fn.Tests/debug → artifacts/bin/Faulty/debug
    private static string FindRoot()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(configuration.Parent!.Parent!.FullName, "Faulty", configuration.Name);
    }
}
