using System.Text.Json.Nodes;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>What becomes of images that are as they should be.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private readonly ImageStoreFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("docker", "none")]
    [InlineData("layout", "gzip")]
    [InlineData("directory", "zstd")]
    public void Add_EveryFormOfArchive_IsTheImage(string form, string compression)
    {
        Func<byte[], byte[]>? compress = compression switch { "gzip" => TestLayer.GZip, "zstd" => TestLayer.Zstd, _ => null };
        var archive = new TestArchive { Run = new JsonObject { ["Entrypoint"] = new JsonArray("/a"), ["Cmd"] = new JsonArray("b"), ["Env"] = new JsonArray("C=d"), ["WorkingDir"] = "/w" } }
            .Layer(new TestLayer().Directory("bin").File("bin/tool", "tool", (UnixFileMode)0x1ED).Link("bin/alias", "tool").HardLink("bin/other", "bin/tool"), compress)
            .Layer(new TestLayer().File("etc/deep/file", "below"), compress);
        var path = _fixture.NewPath(form == "directory" ? "" : ".tar");
        Action<string> save = form switch { "docker" => archive.SaveDocker, "layout" => archive.SaveLayout, _ => archive.SaveDirectory };
        save(path);

        using var image = _fixture.AddFile(path);

        Assert.Equal(["/a", "b"], image.Config.Command);
        Assert.Equal(["C=d"], image.Config.Environment);
        Assert.Equal("/w", image.Config.WorkingDirectory);
        var lower = image.Layers[1];
        Assert.Equal("tool", File.ReadAllText($"{lower}/bin/alias"));
        Assert.Equal("tool", File.ReadAllText($"{lower}/bin/other"));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode($"{lower}/bin/tool"));
        Assert.Equal("below", File.ReadAllText($"{image.Layers[0]}/etc/deep/file"));
    }

    [Fact]
    public void Add_Whiteouts_HideWhatLowerLayersHave()
    {
        var archive = new TestArchive()
            .Layer(new TestLayer().File("gone", "1").File("kept", "1").File("emptied/old", "1").File("anew/old", "1").File("below/gone", "1").File("below/kept", "1"))
            .Layer(new TestLayer().File(".wh.gone").Directory("emptied").File("emptied/.wh..wh..opq").File("emptied/new", "2").File(".wh.anew").Directory("anew").File("below/.wh.gone"));

        using var image = _fixture.Add(archive);

        var seen = _fixture.Mounted(image, root => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal).ToList());
        Assert.Equal(["below/kept", "emptied/new", "kept"], seen);
    }

    [Fact]
    public void Add_TenThousandFiles_AreThere()
    {
        var layer = new TestLayer();
        for (var i = 0; i < 10_000; i++)
            layer.File($"d{i % 100}/f{i}", "x");

        using var image = _fixture.Add(new TestArchive().Layer(layer));

        Assert.Equal(10_000, Directory.EnumerateFiles(image.Layers[0], "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public void Add_LayerOfAnotherImage_IsUnpackedOnce()
    {
        var shared = () => new TestLayer().File("shared", "once");
        using var first = _fixture.Add(new TestArchive().Layer(shared()).Layer(new TestLayer().File("a", "1")));
        File.WriteAllText($"{first.Layers[1]}/mark", "of the first");

        using var second = _fixture.Add(new TestArchive().Layer(shared()).Layer(new TestLayer().File("b", "1")));

        Assert.Equal("of the first", File.ReadAllText($"{second.Layers[1]}/mark"));
    }

    [Fact]
    public void Add_SetUserIdBits_AreNotKept()
    {
        using var image = _fixture.Add(new TestArchive().Layer(new TestLayer().File("su", "x", (UnixFileMode)0xDED)));

        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode($"{image.Layers[0]}/su"));
    }

    [Fact]
    public void Add_LaterEntryOfTheSameName_Counts()
    {
        using var image = _fixture.Add(new TestArchive().Layer(new TestLayer().Link("x", "/etc/passwd").File("x", "mine").File("y", "1").Directory("y").File("y/z", "2")));

        Assert.Equal("mine", File.ReadAllText($"{image.Layers[0]}/x"));
        Assert.Equal("2", File.ReadAllText($"{image.Layers[0]}/y/z"));
    }

    [Fact]
    public void TryUse_AfterAnotherStart_IsThere()
    {
        using var added = _fixture.Add(new TestArchive().Layer(new TestLayer().File("a", "1")));

        using var found = _fixture.Another().TryUse(added.Config.Digest);

        Assert.Equal(added.Layers, found!.Layers);
    }

    [Fact]
    public void TryUse_LayerIsMissing_IsNotThere()
    {
        using var added = _fixture.Add(new TestArchive().Layer(new TestLayer().File("a", "1")));
        Directory.Delete(Path.GetDirectoryName(added.Layers[0])!, recursive: true);

        Assert.Null(_fixture.Store.TryUse(added.Config.Digest));
    }

    [Fact]
    public void Add_HalfALayerWasLeft_IsUnpackedAnew()
    {
        var archive = new TestArchive().Layer(new TestLayer().File("a", "whole"));
        var part = Path.Combine(_fixture.Data, "oci", "layers", archive.DiffIds[0].Hex + ".part");
        Directory.CreateDirectory(Path.Combine(part, "fs", "half"));

        using var image = _fixture.Add(archive);

        Assert.Equal([$"{image.Layers[0]}/a"], Directory.EnumerateFileSystemEntries(image.Layers[0]));
        Assert.False(Directory.Exists(part));
    }

    [Fact]
    public async Task Add_AnotherRunnerUnpacksTheSameLayer_WaitsForItAndTakesIt()
    {
        var archive = new TestArchive().Layer(new TestLayer().File("a", "1"));
        var path = _fixture.NewPath();
        archive.SaveDocker(path);
        var place = Path.Combine(_fixture.Data, "oci", "layers", archive.DiffIds[0].Hex);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        Task<StoredImage> adding;
        using (FileLock.Take(place + ".lock"))
        {
            adding = Task.Run(() => _fixture.AddFile(path), Cancel);
            Directory.CreateDirectory(Path.Combine(place, "fs"));
            await File.WriteAllTextAsync(Path.Combine(place, "fs", "a"), "the other's", Cancel);
            await File.WriteAllTextAsync(Path.Combine(place, "size"), "1", Cancel);
        }

        using var image = await adding;

        Assert.Equal("the other's", await File.ReadAllTextAsync($"{image.Layers[0]}/a", Cancel));
    }

    [Fact]
    public async Task Add_ManyRunnersAtOnce_OneUnpacksAndAllHaveIt()
    {
        var layer = new TestLayer();
        for (var i = 0; i < 500; i++)
            layer.File($"f{i}", "x");
        var path = _fixture.NewPath();
        new TestArchive().Layer(layer).SaveDocker(path);

        var images = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _fixture.AddFile(path, _fixture.Another()), Cancel)));

        Assert.All(images, image => Assert.Equal(500, Directory.GetFiles(image.Layers[0]).Length));
        Assert.Equal(2, _fixture.Contents().Count);
        foreach (var image in images)
            image.Dispose();
    }
}
