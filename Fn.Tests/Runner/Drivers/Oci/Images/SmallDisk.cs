using System.Diagnostics;
using Fn.Runner.Linux;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>A file system of a few pages, to be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _target;

    private SmallDisk(string target) => _target = target;

    public static SmallDisk Mount(string target, string size)
    {
        using var mount = ChildProcess.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"size={size}", "tmpfs", target]))!;
        mount.WaitForExit();
        Assert.Equal(0, mount.ExitCode);
        return new SmallDisk(target);
    }

    public void Dispose() => Mounts.Remove(_target);
}
