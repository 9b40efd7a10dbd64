namespace Fn.Bench.Run;

/// <summary>The function that is called: <c>bench/Echo</c>, published as one native file beside the built programs.</summary>
internal static class EchoProgram
{
    // artifacts/bin/Fn.Bench/release → artifacts/echo
    private static readonly string Directory = System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "echo"));

    public static string Path { get; } = System.IO.Path.Combine(Directory, "echo");

    /// <summary>Lets a runner run it.</summary>
    public static string Allowed { get; } = $"--Fn:Runner:ProcessRoots:0={Directory}";

    public static void Require()
    {
        if (!File.Exists(Path))
            throw new BenchException($"{Path} is missing: dotnet publish bench/Echo -c Release -o artifacts/echo");
    }
}
