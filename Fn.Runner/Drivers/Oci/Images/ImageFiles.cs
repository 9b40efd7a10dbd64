using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// What a mounted image has under a name, as its containers see it. Links are followed within the image alone, by looking at each part of a path: the kernel
/// would take an absolute one from the host's root. The image must not change meanwhile.
/// </summary>
/// <param name="root">Where it is mounted.</param>
internal sealed class ImageFiles(string root)
{
    /// <summary>As many as the kernel follows.</summary>
    private const int MaxLinks = 40;

    private const int MostRead = 1024 * 1024;

    /// <summary>The path without links that a path leads to, absolute in the image; what is not there is taken as it is written. Throws <see cref="InvalidDataException"/>.</summary>
    public string Resolve(string path)
    {
        var left = new Stack<string>(Parts(path).Reverse());
        var found = new List<string>();
        for (var links = 0; left.TryPop(out var name);)
        {
            if (name == "..")
            {
                if (found.Count > 0)
                    found.RemoveAt(found.Count - 1);
                continue;
            }
            if (ReadLink(found, name) is not { } target)
            {
                found.Add(name);
                continue;
            }
            if (++links > MaxLinks)
                throw new InvalidDataException($"{LayerNames.Shown(path)} leads through more than {MaxLinks} links");
            if (target.StartsWith('/'))
                found.Clear();
            foreach (var part in Parts(target).Reverse())
                left.Push(part);
        }
        return "/" + string.Join('/', found);
    }

    /// <summary>The content of a small file; null: there is none.</summary>
    public string? ReadText(string path)
    {
        var resolved = Resolve(path);
        using var directory = LinuxFiles.OpenDirectory(root + resolved[..resolved.LastIndexOf('/')]);
        if (directory.IsInvalid || LinuxFiles.OpenFile(directory, resolved[(resolved.LastIndexOf('/') + 1)..], out _) is not { } file)
            return null;
        using var stream = new FileStream(file, FileAccess.Read);
        using var reader = new StreamReader(stream);
        return stream.Length < MostRead ? reader.ReadToEnd() : null;
    }

    private string? ReadLink(List<string> directory, string name)
    {
        using var opened = LinuxFiles.OpenDirectory($"{root}/{string.Join('/', directory)}");
        if (opened.IsInvalid)
            return null;
        using var entry = LinuxFiles.OpenEntry(opened, name);
        return entry.IsInvalid ? null : LinuxFiles.ReadLink(entry);
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
}
