using System.Formats.Tar;
using System.Text.Json.Nodes;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Images;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>Archives that are broken or mean harm: what is wrong is said, and nothing is left of them, in the store or beside it.</summary>
public sealed class BadImageTests : IDisposable
{
    private readonly ImageStoreFixture _fixture = new(new OciOptions { MaxImageSize = 8 * 1024 * 1024, MaxImageFiles = 1000 });

    public static TheoryData<string, string> HostileEntries => new()
    {
        { "../escaped", "leads upwards" },
        { "a/../../escaped", "leads upwards" },
        { "/tmp/fn-escaped", "absolute path" },
        { "link-out/escaped", "which is no directory" },
        { "link-in/escaped", "which is no directory" },
        { "file/below", "which is no directory" },
        { "d", "a directory and something else" },
        { ".wh.", "hides nothing" },
        { "d/.wh...", "hides nothing" },
    };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [MemberData(nameof(HostileEntries))]
    public void Add_EntryThatLeadsElsewhere_IsRefused(string name, string why)
    {
        Refused(new TestLayer().Link("link-out", "/tmp").Link("link-in", "d").Directory("d").File("file").File(name, "harm"), why);
        Assert.False(File.Exists("/tmp/escaped") || File.Exists("/tmp/fn-escaped") || File.Exists(Path.Combine(_fixture.Data, "escaped")));
    }

    [Theory]
    [InlineData("/etc/passwd", "absolute path")]
    [InlineData("../../../../../../etc/passwd", "leads upwards")]
    [InlineData("not/there", "no file of the layer")]
    [InlineData("link/passwd", "no file of the layer")]
    public void Add_HardLinkToTheOutside_IsRefused(string target, string why) => Refused(new TestLayer().Link("link", "/etc").HardLink("x", target), why);

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public void Add_DeviceOrPipe_IsRefused(TarEntryType type) => Refused(new TestLayer().Special("dev/x", type), $"of the kind {type}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Add_ManyZeroesInASmallLayer_AreLimited(bool behindTheEnd)
    {
        var content = new TestLayer().Zeros("zeroes", behindTheEnd ? 1 : 64 * 1024 * 1024).ToBytes();
        var bomb = TestLayer.GZip(behindTheEnd ? [.. content, .. new byte[64 * 1024 * 1024]] : content);
        var archive = new TestArchive { Blobs = { bomb }, DiffIds = { Digest.Of(content) } };

        Refused(archive, "Fn:Oci:MaxImageSize=8388608");
    }

    [Fact]
    public void Add_MoreFilesThanAllowed_IsRefused()
    {
        var layer = new TestLayer();
        for (var i = 0; i <= 1000; i++)
            layer.File($"f{i}");
        Refused(layer, "Fn:Oci:MaxImageFiles=1000");
    }

    [Fact]
    public void Add_MoreDirectoriesImpliedByNamesThanAllowed_IsRefused()
    {
        var layer = new TestLayer();
        for (var i = 0; i < 20; i++)
            layer.File($"{i}/{string.Join('/', Enumerable.Repeat("d", 60))}/f");
        Refused(layer, "Fn:Oci:MaxImageFiles=1000");
    }

    [Fact]
    public void Add_EmptyFiles_TakeWhatTheyTakeOnADisk()
    {
        using var small = new ImageStoreFixture(new OciOptions { MaxImageSize = 1024 * 1024 });
        var layer = new TestLayer();
        for (var i = 0; i < 400; i++)
            layer.File($"f{i}");
        var path = small.NewPath();
        new TestArchive().Layer(layer).SaveDocker(path);

        Assert.Contains("Fn:Oci:MaxImageSize=1048576", Assert.Throws<InvalidDataException>(() => small.AddFile(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('x', false)]
    [InlineData('g', false)]
    [InlineData('L', false)]
    [InlineData('K', false)]
    [InlineData('x', true)]
    public void Add_AttributesThatClaimToBeLarge_AreNotTakenIntoMemory(char type, bool behindHiddenContent)
    {
        using var content = new MemoryStream();
        if (behindHiddenContent)
            // A directory of old, and a mark that hides nothing: both may have content that nobody reads, which looks like a header of another kind.
            content.Write([.. TestHeader.Of("d", 'D', 512), .. TestHeader.Of("f", '0', 512), .. TestHeader.Of(".wh..wh.note", '0', 512), .. TestHeader.Of("f", '0', 512)]);
        content.Write([.. TestHeader.Of("attributes", type, 700_000_000), .. new byte[4096]]);

        var layer = content.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(new TestArchive { Blobs = { layer }, DiffIds = { Digest.Of(layer) } }, "take 700000000 bytes, more than 1048576");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    public void Add_ArchiveWithAttributesThatClaimToBeLarge_IsRefused(char type)
    {
        var path = _fixture.NewPath();
        File.WriteAllBytes(path, [.. TestHeader.Of("first", '0', 1024), .. new byte[1024], .. TestHeader.Of("attributes", type, 700_000_000), .. new byte[4096]]);

        RefusedFile(path, "take 700000000 bytes, more than 1048576");
    }

    [Fact]
    public void Add_LongNames_AreNames()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('n', 200), 10));
        using var image = _fixture.Add(new TestArchive().Layer(new TestLayer().File(name, "found").File("after", "too")));

        Assert.Equal("found", File.ReadAllText($"{image.Layers[0]}/{name}"));
        Assert.Equal("too", File.ReadAllText($"{image.Layers[0]}/after"));
    }

    [Theory]
    [InlineData("Env")]
    [InlineData("Entrypoint")]
    [InlineData("Cmd")]
    public void Add_ConfigurationWithNothingWhereAWordShouldBe_IsRefused(string list) =>
        Refused(new TestArchive { Run = new JsonObject { [list] = new JsonArray("A=b", null) } }.Layer(new TestLayer().File("a")), "a word in its configuration is null");

    [Fact]
    public void Add_LayerWithAnotherContent_IsRefused()
    {
        var archive = new TestArchive().Layer(new TestLayer().File("a", "right"));
        archive.Blobs[0] = new TestLayer().File("a", "wrong").ToBytes();

        Refused(archive, "has the digest sha256:");
    }

    [Fact]
    public void Add_BlobWithAnotherContent_IsRefused()
    {
        var archive = new TestArchive { WrongBlobName = Digest.Of("another"u8) }.Layer(new TestLayer().File("a", "right"), TestLayer.GZip);
        var path = _fixture.NewPath();
        archive.SaveLayout(path);

        RefusedFile(path, $"not {archive.WrongBlobName}");
    }

    [Fact]
    public void Add_ConfigurationWithAnotherContent_IsRefused()
    {
        var path = _fixture.NewPath();
        new TestArchive().Layer(new TestLayer().File("a", "1")).SaveDocker(path);
        var content = File.ReadAllBytes(path);
        content[content.AsSpan().IndexOf("/bin/sh"u8)] = (byte)'_';
        File.WriteAllBytes(path, content);

        RefusedFile(path, "has the digest sha256:");
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Add_ArchiveCutShort_IsRefused(double part)
    {
        var path = _fixture.NewPath();
        new TestArchive().Layer(new TestLayer().Zeros("a", 50_000)).SaveDocker(path);
        using (var file = File.OpenWrite(path))
            file.SetLength((long)(file.Length * part));

        // Cut between two members it is an archive without its manifest.
        RefusedFile(path, part < 0.85 ? "no whole tar archive" : "");
    }

    [Fact]
    public void Add_CompressedLayerCutShort_IsRefused()
    {
        var archive = new TestArchive().Layer(new TestLayer().File("a", string.Concat(Enumerable.Range(0, 5000))), TestLayer.GZip);
        archive.Blobs[0] = archive.Blobs[0][..(archive.Blobs[0].Length / 2)];

        Refused(archive, "layer \"aaaaaaaa/layer.tar\"");
    }

    [Fact]
    public void Add_NoArchiveAtAll_IsRefused()
    {
        var path = _fixture.NewPath();
        File.WriteAllText(path, new string('x', 2000));

        RefusedFile(path, "no whole tar archive");
    }

    [Fact]
    public void Add_ForAnotherMachine_IsRefused() =>
        Refused(new TestArchive { Architecture = "vax" }.Layer(new TestLayer().File("a")), "made for vax");

    [Fact]
    public void Add_FewerLayersThanTheConfigurationNames_IsRefused()
    {
        var archive = new TestArchive().Layer(new TestLayer().File("a", "1"));
        archive.DiffIds.Add(Digest.Of("more"u8));

        Refused(archive, "names 2 layers, the archive has 1");
    }

    [Fact]
    public void Add_DiskFull_IsSaidAndNothingIsLeft()
    {
        Directory.CreateDirectory(_fixture.Data);
        using var disk = SmallDisk.Mount(_fixture.Data, "1m");

        var error = Assert.ThrowsAny<IOException>(() => _fixture.Add(new TestArchive().Layer(new TestLayer().Zeros("large", 3 * 1024 * 1024))));

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Contents());
    }

    [Fact]
    public void Add_NobodyWaitsAnyMore_NothingIsLeft()
    {
        var path = _fixture.NewPath();
        new TestArchive().Layer(new TestLayer().File("a", "1")).SaveDocker(path);

        Assert.Throws<OperationCanceledException>(() => ImageStoreFixture.Unpack(path, _fixture.Store, new CancellationToken(canceled: true)));
        Assert.Empty(_fixture.Contents());
    }

    private void Refused(TestLayer layer, string why) => Refused(new TestArchive().Layer(layer), why);

    private void Refused(TestArchive archive, string why)
    {
        var path = _fixture.NewPath();
        archive.SaveDocker(path);
        RefusedFile(path, why);
    }

    private void RefusedFile(string path, string why)
    {
        var error = Assert.Throws<InvalidDataException>(() => _fixture.AddFile(path));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        if (Directory.Exists(Path.Combine(_fixture.Data, "oci")))
            Assert.Empty(_fixture.Contents());
    }
}
