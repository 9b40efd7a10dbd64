using System.Formats.Tar;
using System.Text;
using Fn.Runner.Drivers.Oci.Images;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

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

    [Theory]
    [InlineData("index.json", "{\"manifests\":[null]}")]
    [InlineData("manifest.json", "[null]")]
    [InlineData("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[null],\"Layers\":[]}]")]
    [InlineData("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[],\"Layers\":[null]}]")]
    [InlineData("manifest.json", "[{}]")]
    [InlineData("manifest.json", "null")]
    public void Find_OneArchiveHasNothingWhereSomethingShouldBe_OthersAreFoundAndItIsNamed(string member, string content)
    {
        using (var tar = new TarWriter(File.Create(Path.Combine(_directory, "broken.tar"))))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        Image("app:1").SaveDocker(Path.Combine(_directory, "whole.tar"));

        Assert.NotNull(_folder.Find("app:1", out var unread));
        Assert.Contains("broken.tar", Assert.Single(unread), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_DirectoryWithNamesOfItsOwn_IsALayoutAndNothingElse()
    {
        var layout = Path.Combine(_directory, "app");
        Image("").SaveDirectory(layout);
        File.WriteAllText(Path.Combine(layout, "manifest.json"), """[{"Config":"../outside.json","RepoTags":["stolen:1"],"Layers":["../outside.tar"]}]""");

        Assert.Null(_folder.Find("stolen:1", out _));
        Assert.NotNull(_folder.Find("app", out _));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("../outside")]
    [InlineData("blobs/sha256/../../../outside")]
    [InlineData("blobs/sha256/0123")]
    public void Open_NameThatNoLayoutHas_IsNotThere(string member)
    {
        File.WriteAllText(Path.Combine(_directory, "outside"), "secret");
        var layout = Directory.CreateDirectory(Path.Combine(_directory, "app", "blobs", "sha256")).Parent!.Parent!;
        File.WriteAllText(Path.Combine(layout.FullName, "manifest.json"), "[]");
        using var archive = ArchiveFolder.Open(layout.FullName);

        Assert.Null(archive.Open(member));
    }

    [Theory]
    [InlineData("index.json", "file")]
    [InlineData("blobs/sha256/0123456789012345678901234567890123456789012345678901234567890123", "file")]
    [InlineData("blobs/sha256/0123456789012345678901234567890123456789012345678901234567890123", "directory")]
    [InlineData("blobs/sha256/0123456789012345678901234567890123456789012345678901234567890123", "parent")]
    [InlineData("blobs/sha256/0123456789012345678901234567890123456789012345678901234567890123", "pipe")]
    public void Open_MemberThatIsNoFileOfItsOwn_IsRefused(string member, string kind)
    {
        var layout = Directory.CreateDirectory(Path.Combine(_directory, "app")).FullName;
        var path = Path.Combine(layout, member);
        var outside = Directory.CreateDirectory(Path.Combine(_directory, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, Path.GetFileName(member)), "secret");
        if (kind == "parent")
        {
            Directory.CreateDirectory(Path.Combine(layout, "blobs"));
            File.CreateSymbolicLink(Path.Combine(layout, "blobs", "sha256"), outside);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (kind == "pipe")
                using (var make = ChildProcess.Start("mkfifo", [path]))
                    make.WaitForExit();
            else
                File.CreateSymbolicLink(path, kind == "file" ? Path.Combine(outside, Path.GetFileName(member)) : outside);
        }
        using var archive = ArchiveFolder.Open(layout);

        Assert.Throws<InvalidDataException>(() => archive.Open(member));
    }

    [Fact]
    public void Find_NoSuchDirectory_FindsNothing() => Assert.Null(new ArchiveFolder(Path.Combine(_directory, "none")).Find("app:1", out _));

    private static TestArchive Image(string name) => new TestArchive { Name = name }.Layer(new TestLayer().File("a", name));
}
