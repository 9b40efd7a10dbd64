using Fn.Runner.Drivers.Oci.Images;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

public sealed class ArchiveFolderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-archives-").FullName;
    private readonly ArchiveFolder _folder;

    public ArchiveFolderTests() => _folder = new ArchiveFolder(_directory);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("team/app:1", "team/app:1", true)]
    [InlineData("docker.io/library/app:latest", "app", true)]
    [InlineData("app:latest", "docker.io/library/app", true)]
    [InlineData("app:1", "app:2", false)]
    [InlineData("localhost:5000/app:1", "app:1", false)]
    [InlineData("2", "saved:2", true)]
    [InlineData("app:1", "app:1@sha256:0123456789012345678901234567890123456789012345678901234567890123", false)]
    [InlineData("app:1", "no image at all", false)]
    public void Find_Name_IsTheSameHoweverItIsWritten(string archived, string asked, bool found)
    {
        Image(archived).SaveLayout(Path.Combine(_directory, "saved.tar"));

        Assert.Equal(found, _folder.Find(asked, out var unread) is not null);
        Assert.Empty(unread);
    }

    [Fact]
    public void Find_ImageWithoutName_HasThatOfItsDirectory()
    {
        Image("").SaveDirectory(Path.Combine(_directory, "my.app"));

        Assert.NotNull(_folder.Find("my.app", out _));
    }

    [Fact]
    public void Find_ArchiveChanged_IsReadAgain()
    {
        var path = Path.Combine(_directory, "a.tar");
        Image("app:1").SaveDocker(path);
        var before = _folder.Find("app:1", out _)!;
        Assert.True(ArchiveFolder.IsUnchanged(before));

        Image("app:2").SaveDocker(path);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddYears(60));

        Assert.False(ArchiveFolder.IsUnchanged(before));
        Assert.Null(_folder.Find("app:1", out _));
        Assert.NotNull(_folder.Find("app:2", out _));
    }

    [Fact]
    public void Find_InTwoArchives_TheOneWrittenLastCounts()
    {
        var (older, newer) = (Path.Combine(_directory, "b.tar"), Path.Combine(_directory, "a.tar"));
        Image("app:1").SaveDocker(newer);
        Image("app:1").SaveDocker(older);
        File.SetLastWriteTimeUtc(older, DateTime.UnixEpoch);

        Assert.Equal(newer, _folder.Find("app:1", out _)!.Path);
    }

    [Fact]
    public void Find_OneArchiveIsBroken_OthersAreFoundAndItIsNamed()
    {
        File.WriteAllText(Path.Combine(_directory, "broken.tar"), "nonsense");
        Image("app:1").SaveDocker(Path.Combine(_directory, "whole.tar"));

        Assert.NotNull(_folder.Find("app:1", out var unread));
        Assert.Contains("broken.tar: no whole tar archive", Assert.Single(unread), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NoSuchDirectory_FindsNothing() => Assert.Null(new ArchiveFolder(Path.Combine(_directory, "none")).Find("app:1", out _));

    private static TestArchive Image(string name) => new TestArchive { Name = name }.Layer(new TestLayer().File("a", name));
}
