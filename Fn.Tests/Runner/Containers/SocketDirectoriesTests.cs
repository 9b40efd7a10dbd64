using Fn.Runner.Containers;
using Fn.Runner.Identity;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Runner.Containers;

public sealed class SocketDirectoriesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("fn-sockets-").FullName;
    private readonly RunnerIdentity _identity;
    private readonly SocketDirectories _sockets;

    public SocketDirectoriesTests()
    {
        _identity = new RunnerIdentity(Options.Create(new DataOptions { DataDirectory = Path.Combine(_folder, "data") }));
        _identity.Acquire();
        _sockets = new SocketDirectories(Options.Create(new ContainerOptions { SocketRoot = SocketRoot }), _identity, TimeProvider.System);
    }

    private string SocketRoot => Path.Combine(_folder, "not", "yet", "there");

    private string Root => Path.Combine(SocketRoot, $"fn-{_identity.Id}");

    public void Dispose()
    {
        _identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Create_OwnFileSystem_HoldsLittleAndGoesWithoutATrace()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var path = _sockets.Create(ownFileSystem: true);

        Assert.Equal((UnixFileMode)0x1FF, File.GetUnixFileMode(path));
        Assert.Contains("nosuid,nodev,noexec", Assert.Single(MountsAt(path)), StringComparison.Ordinal);
        Assert.Contains("No space left", Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(Path.Combine(path, "large"), new byte[100_000])).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() =>
        {
            for (var i = 0; i < 100; i++)
                File.WriteAllText(Path.Combine(path, $"f{i}"), "");
        });

        SocketDirectories.Remove(path);

        Assert.False(Directory.Exists(path));
        Assert.Empty(MountsAt(path));
    }

    [Fact]
    public void Create_WithoutAFileSystem_IsADirectoryThatAnybodyMayWriteTo()
    {
        var path = _sockets.Create(ownFileSystem: false);

        Assert.Equal((UnixFileMode)0x1FF, File.GetUnixFileMode(path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Root));
        Assert.Empty(MountsAt(path));
        SocketDirectories.Remove(path);
        Assert.False(Directory.Exists(path));
    }

    [Theory]
    [InlineData("a link")]
    [InlineData("open to others")]
    [InlineData("another's")]
    public void Create_ParentWasMadeBySomebodyElse_IsRefusedAndLeftAlone(string what)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere"), OwnerOnly).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "kept"), "");
        Directory.CreateDirectory(SocketRoot);
        if (what == "a link")
            File.CreateSymbolicLink(Root, elsewhere);
        else
            Directory.CreateDirectory(Root, OwnerOnly);
        if (what == "open to others")
            File.SetUnixFileMode(Root, OwnerOnly | UnixFileMode.OtherWrite);
        if (what == "another's")
            Assert.Equal(0, LayerFiles.ChangeOwner(Root, 1000, 1000));

        Assert.Contains(Root, Assert.Throws<IOException>(() => _sockets.Create(ownFileSystem: true)).Message, StringComparison.Ordinal);
        _sockets.RemoveLeftovers([_identity.Id]);

        Assert.True(Directory.Exists(Root));
        Assert.True(File.Exists(Path.Combine(elsewhere, "kept")));
    }

    [Fact]
    public void RemoveLeftovers_OfARunner_TakesMountsAway()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var paths = new[] { _sockets.Create(ownFileSystem: true), _sockets.Create(ownFileSystem: false) };
        File.WriteAllText(Path.Combine(paths[0], "left"), "");

        _sockets.RemoveLeftovers([_identity.Id]);

        Assert.False(Directory.Exists(Root));
        Assert.Empty(paths.SelectMany(MountsAt));
    }

    private static List<string> MountsAt(string path) => [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains($" {path} ", StringComparison.Ordinal))];
}
