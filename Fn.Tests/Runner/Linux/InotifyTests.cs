using System.ComponentModel;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

public sealed class InotifyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-inotify-").FullName;
    private readonly Inotify _inotify = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _inotify.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task NextChange_EntryAppears_Completes()
    {
        using var watch = _inotify.Watch(_directory);
        for (var i = 0; i < 3; i++)
        {
            var change = watch.NextChange;
            Assert.False(change.IsCompleted);

            File.CreateSymbolicLink(Path.Combine(_directory, $"entry{i}"), "target");

            await change.WaitAsync(Cancel);
        }
    }

    [Fact]
    public async Task NextChange_EntryIsMovedIn_Completes()
    {
        var elsewhere = Path.GetTempFileName();
        using var watch = _inotify.Watch(_directory);
        var change = watch.NextChange;

        File.Move(elsewhere, Path.Combine(_directory, "entry"));

        await change.WaitAsync(Cancel);
    }

    [Fact]
    public async Task NextChange_OfAnotherDirectory_IsNotTold()
    {
        var other = Directory.CreateDirectory(Path.Combine(_directory, "other")).FullName;
        using var watch = _inotify.Watch(_directory);
        using var otherWatch = _inotify.Watch(other);
        var (change, otherChange) = (watch.NextChange, otherWatch.NextChange);

        Directory.CreateDirectory(Path.Combine(other, "entry"));

        await otherChange.WaitAsync(Cancel);
        Assert.False(change.IsCompleted);
    }

    [Fact]
    public async Task Watch_ManyDirectories_TakesOneInstance()
    {
        var watches = Enumerable.Range(0, 300).Select(i => _inotify.Watch(Directory.CreateDirectory(Path.Combine(_directory, $"{i}")).FullName)).ToList();
        var changes = watches.ConvertAll(watch => watch.NextChange);

        for (var i = 0; i < watches.Count; i++)
            Directory.CreateDirectory(Path.Combine(_directory, $"{i}", "entry"));

        await Task.WhenAll(changes).WaitAsync(Cancel);
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public void Watch_NoSuchDirectory_Throws()
    {
        Assert.Throws<Win32Exception>(() => _inotify.Watch(Path.Combine(_directory, "missing")));
    }

    [Fact]
    public void Dispose_WatchesLeft_EndsTheReader()
    {
        var watch = _inotify.Watch(_directory);

        _inotify.Dispose();
        watch.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _inotify.Watch(_directory));
    }
}
