using System.Reflection;

namespace Fn.AppHost;

/// <summary>Where this project is in the working copy it was built from.</summary>
internal static class AppHostFolder
{
    public static string Path { get; } =
        typeof(AppHostFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "AppHostDirectory").Value!;

    /// <summary>The top of the working copy.</summary>
    public static string Root => System.IO.Path.GetDirectoryName(Path)!;
}
