namespace Fn.Api.Examples;

/// <summary>Where the examples and their built programs are in a working copy.</summary>
/// <param name="Root">The folder that holds one folder for each example.</param>
/// <param name="Binaries">The folder that holds one folder for each built project.</param>
/// <param name="Configuration">The folder in each of those that belongs to this build, for instance <c>debug</c>.</param>
internal sealed record ExampleFolders(string Root, string Binaries, string Configuration)
{
    /// <summary>Walks up from <paramref name="contentRoot"/>; null when no folder on the way has examples.</summary>
    /// <param name="contentRoot">The service's content root.</param>
    /// <param name="baseDirectory">The folder this program runs from, <c>BINARIES/PROJECT/CONFIGURATION</c>: the examples are built beside it.</param>
    public static ExampleFolders? Find(string contentRoot, string baseDirectory)
    {
        var build = new DirectoryInfo(Path.TrimEndingDirectorySeparator(baseDirectory));
        if (build.Parent?.Parent is not { } binaries)
            return null;
        for (var folder = new DirectoryInfo(contentRoot); folder is not null; folder = folder.Parent)
        {
            var root = Path.Combine(folder.FullName, "examples");
            if (Directory.Exists(root) && Directory.EnumerateDirectories(root).Any(HasFuncFile))
                return new ExampleFolders(root, binaries.FullName, build.Name);
        }
        return null;
    }

    /// <summary>The folders that hold a <c>func.yaml</c>, by name. One with a Dockerfile can only be an image.</summary>
    public IEnumerable<string> All() => Directory.EnumerateDirectories(Root)
        .Where(folder => HasFuncFile(folder) && !File.Exists(Path.Combine(folder, "Dockerfile")))
        .Order(StringComparer.Ordinal);

    /// <summary>The program of an example: what its <c>func.yaml</c> names, else what its project builds.</summary>
    public string Program(string folder, FuncFile file)
    {
        if (file.Entrypoint is { Length: > 0 } entrypoint)
            return Path.GetFullPath(entrypoint, folder);
        var project = Path.GetFileName(folder);
        return Path.Combine(Binaries, project, Configuration, project);
    }

    private static bool HasFuncFile(string folder) => File.Exists(Path.Combine(folder, FuncFile.FileName));
}
