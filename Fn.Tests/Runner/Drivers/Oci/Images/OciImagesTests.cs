using System.Text.Json.Nodes;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>Images by their names, mounted: what is kept for whom, and which none can have.</summary>
public sealed class OciImagesTests : IDisposable
{
    private readonly string _data = Directory.CreateDirectory($"/dev/shm/fn-images-{Guid.NewGuid():N}").FullName;
    private OciTestDriver? _driver;

    // The time only bounds how long a test that fails goes on.
    private readonly CancellationTokenSource _hang = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public OciImagesTests() => _hang.CancelAfter(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        _driver?.Dispose();
        _hang.Dispose();
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(_data, StringComparison.Ordinal));
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Take_StoreIsSmallerThanTheImage_IsUnpackedOnceAndOthersGo()
    {
        var images = Images(maxStoreSize: 0);
        Save("a:1", new TestArchive { Name = "a:1" }.Layer(new TestLayer().File("a", "1")));
        Save("b:1", new TestArchive { Name = "b:1" }.Layer(new TestLayer().File("b", "1")));
        var (pulled, _) = await images.EnsureAsync("a:1", _hang.Token);
        await File.WriteAllTextAsync(Path.Combine(pulled!.Layers[0], "mark"), "of the first time", _hang.Token);

        var (first, _) = await images.TakeAsync("a:1", _hang.Token);
        var (second, _) = await images.TakeAsync("b:1", _hang.Token);

        Assert.Equal("of the first time", await File.ReadAllTextAsync(Path.Combine(first!.Root, "mark"), _hang.Token));
        first.Release();
        second!.Release();
        var (again, _) = await images.TakeAsync("b:1", _hang.Token);
        Assert.Same(second, again);
        again!.Release();
    }

    [Fact]
    public async Task Take_ManyImagesAtOnceInAStoreThatIsTooSmall_AllAreHad()
    {
        var images = Images(maxStoreSize: 0);
        for (var i = 0; i < 8; i++)
            Save($"i{i}", new TestArchive { Name = $"i{i}:1" }.Layer(new TestLayer().File("a", $"{i}")));

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => images.TakeAsync($"i{i}:1", _hang.Token).AsTask(), _hang.Token)));

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal($"{i}", await File.ReadAllTextAsync(Path.Combine(taken[i].Image!.Root, "a"), _hang.Token));
            taken[i].Image!.Release();
        }
    }

    [Fact]
    public async Task Take_StoreCannotBeClearedOut_ImageIsThereAllTheSame()
    {
        var images = Images();
        Save("a", new TestArchive { Name = "a:1" }.Layer(new TestLayer().File("a", "1")));
        // A layer that does not say how large it is.
        Directory.CreateDirectory(Path.Combine(_data, "oci", "layers", Digest.Of("stray"u8).Hex));

        var (image, failure) = await images.TakeAsync("a:1", _hang.Token);

        Assert.Null(failure);
        image!.Release();
    }

    [Fact]
    public async Task Take_ImageThatDeletesItsUsers_IsThereAndExplainsNoName()
    {
        var images = Images();
        Save("a", new TestArchive { Name = "a:1", Run = new JsonObject { ["Entrypoint"] = new JsonArray("/a"), ["User"] = "app" } }
            .Layer(new TestLayer().File("etc/passwd", "app:x:7:8::/:\n").File("etc/group", "")).Layer(new TestLayer().File("etc/.wh.passwd").File("etc/.wh.group")));

        var (image, _) = await images.TakeAsync("a:1", _hang.Token);

        Assert.Null(image!.User);
        image.Release();
    }

    [Theory]
    [InlineData("/etc/accounts")]
    [InlineData("../etc/accounts")]
    [InlineData("../../../../etc/accounts")]
    public async Task Take_UsersBehindALink_AreThoseOfTheImage(string target)
    {
        var images = Images();
        Save("a", new TestArchive { Name = "a:1", Run = new JsonObject { ["Entrypoint"] = new JsonArray("/a"), ["User"] = "app" } }
            .Layer(new TestLayer().File("etc/accounts", "app:x:7:8::/:\n").Link("etc/passwd", target)));

        var (image, _) = await images.TakeAsync("a:1", _hang.Token);

        Assert.Equal(new ContainerUser(7, 8), image!.User);
        image.Release();
    }

    [Theory]
    [InlineData("relative/path", "no absolute path")]
    [InlineData("/proc/self/fd/7", "in no file system of the image")]
    [InlineData("/x/../proc/self/fd/7", "in no file system of the image")]
    [InlineData("/dev/fd/8", "in no file system of the image")]
    [InlineData("/out/7", "in no file system of the image")]
    [InlineData("/loop/x", "more than 40 links")]
    public async Task Take_WorkingDirectoryThatLeadsOut_IsRefusedAndNothingIsHeld(string directory, string why)
    {
        var images = Images();
        Save("a", new TestArchive { Name = "a:1", Run = new JsonObject { ["Entrypoint"] = new JsonArray("/a"), ["WorkingDir"] = directory } }
            .Layer(new TestLayer().Link("out", "via").Link("via", "proc/self/fd").Link("loop", "loop")));

        var (image, failure) = await images.TakeAsync("a:1", _hang.Token);

        Assert.Null(image);
        Assert.Equal(CallError.PullFailed, failure!.Error);
        Assert.Contains(why, failure.Detail, StringComparison.Ordinal);
        var config = Path.GetFileNameWithoutExtension(Directory.GetFiles(Path.Combine(_data, "oci", "images"), "*.json").Single());
        Assert.DoesNotContain(OpenFiles(), path => path.Contains(config, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Take_WorkingDirectoryBehindALink_IsWhereItLeads()
    {
        var images = Images();
        Save("a", new TestArchive { Name = "a:1", Run = new JsonObject { ["Entrypoint"] = new JsonArray("/a"), ["WorkingDir"] = "/var/work/./here" } }
            .Layer(new TestLayer().Directory("srv/work").Link("var/work", "../srv/work")));

        var (image, _) = await images.TakeAsync("a:1", _hang.Token);

        Assert.Equal("/srv/work/here", image!.Config.WorkingDirectory);
        Assert.Contains(OpenFiles(), path => path.Contains(image.Config.Digest.Hex, StringComparison.Ordinal));
        image.Release();
    }

    private OciImages Images(long? maxStoreSize = null) => (_driver = new OciTestDriver(_data, "auto", maxStoreSize: maxStoreSize)).Images;

    // An image is held by an open file. To try its lock would not tell: a process that another test starts just now has it with it until it runs its program.
    private List<string> OpenFiles() => [.. Directory.EnumerateFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget).OfType<string>().Where(path => path.StartsWith(_data, StringComparison.Ordinal))];

    private void Save(string name, TestArchive archive) =>
        archive.SaveDocker(Path.Combine(Directory.CreateDirectory(Path.Combine(_data, "images")).FullName, $"{name.Replace(':', '-')}.tar"));
}
