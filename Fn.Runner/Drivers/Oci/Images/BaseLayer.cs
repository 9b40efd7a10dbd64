namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>What every container needs to be there, below what the image has: nothing can be made in a file system that is read-only.</summary>
internal static class BaseLayer
{
    private const UnixFileMode Anyone = (UnixFileMode)0x1ED;
    private const UnixFileMode AnyoneMayWrite = (UnixFileMode)0x3FF;

    /// <summary>Makes the layer in a store's directory, if need be, and returns where it is.</summary>
    public static string Make(string store)
    {
        var layer = Path.Combine(store, "base");
        foreach (var name in (string[])["", "dev", "etc", "proc", "sys", "tmp"])
        {
            Directory.CreateDirectory(Path.Combine(layer, name));
            // What is mounted there takes over the directory's mode.
            File.SetUnixFileMode(Path.Combine(layer, name), name == "tmp" ? AnyoneMayWrite : Anyone);
        }
        // A container on a bridge has its own mounted there.
        foreach (var (name, content) in (ReadOnlySpan<(string, string)>)[("hosts", "127.0.0.1 localhost\n::1 localhost\n"), ("resolv.conf", "")])
        {
            var file = Path.Combine(layer, "etc", name);
            if (!File.Exists(file))
                File.WriteAllText(file, content);
            File.SetUnixFileMode(file, (UnixFileMode)0x1A4);
        }
        return layer;
    }
}
