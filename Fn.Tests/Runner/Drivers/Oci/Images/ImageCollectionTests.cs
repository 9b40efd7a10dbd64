using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Images;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>What goes when the store is full, and what stays.</summary>
public sealed class ImageCollectionTests : IDisposable
{
    // Each image takes a little more than a megabyte.
    private readonly ImageStoreFixture _fixture = new(new OciOptions { MaxStoreSize = 5 * 1024 * 1024 / 2 });

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Collect_MoreThanAllowed_RemovesTheLeastRecentlyUsed()
    {
        var (first, second, third) = (Unused("first"), Unused("second"), Unused("third"));
        Use(first);

        _fixture.Store.Collect(_ => { });

        Assert.Equal([true, false, true], new[] { first, second, third }.Select(IsThere));
    }

    [Fact]
    public void Collect_WithinWhatIsAllowed_RemovesNothing()
    {
        var (first, second) = (Unused("first"), Unused("second"));

        _fixture.Store.Collect(_ => { });

        Assert.Equal([true, true], new[] { first, second }.Select(IsThere));
    }

    [Fact]
    public void Collect_ImageInUseByAnotherRunner_Stays()
    {
        var (first, second, third) = (Unused("first"), Unused("second"), Unused("third"));
        using var inUse = _fixture.Another().TryUse(first);

        _fixture.Store.Collect(_ => { });

        Assert.Equal([true, false, true], new[] { first, second, third }.Select(IsThere));
    }

    [Fact]
    public void Collect_ImageKeptForTheNextContainer_IsLetGo()
    {
        var first = _fixture.Add(Image("first"));
        Use(first.Config.Digest);
        var second = Unused("second");
        Unused("third");
        var letGo = new List<Digest>();

        _fixture.Store.Collect(digest =>
        {
            letGo.Add(digest);
            first.Dispose();
        });

        Assert.Equal([first.Config.Digest], letGo);
        Assert.Equal([false, true], new[] { first.Config.Digest, second }.Select(IsThere));
    }

    [Fact]
    public void Collect_LayersOfNoImage_AreRemoved()
    {
        var kept = Unused("kept");
        var stray = Path.Combine(_fixture.Data, "oci", "layers", Digest.Of("stray"u8).Hex);
        Directory.CreateDirectory(stray);
        File.WriteAllText(Path.Combine(stray, "size"), "7");
        Directory.CreateDirectory(stray + ".part");

        _fixture.Store.Collect(_ => { });

        Assert.True(IsThere(kept));
        Assert.False(Directory.Exists(stray) || Directory.Exists(stray + ".part"));
    }

    private Digest Unused(string name)
    {
        using var image = _fixture.Add(Image(name));
        Use(image.Config.Digest);
        return image.Config.Digest;
    }

    private void Use(Digest image)
    {
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        _fixture.Store.Touch(image);
    }

    private bool IsThere(Digest image)
    {
        using var found = _fixture.Store.TryUse(image);
        return found is not null;
    }

    private static TestArchive Image(string name) => new TestArchive().Layer(new TestLayer().File("name", name).Zeros("much", 1024 * 1024));
}
