using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>A store in a directory of its own, and archives beside it.</summary>
internal sealed class ImageStoreFixture : IDisposable
{
    // In memory: layers are flushed to the disk, and a test shares the disk with all others.
    private readonly string _directory = Directory.CreateDirectory($"/dev/shm/fn-store-{Guid.NewGuid():N}").FullName;
    private int _archives;

    public ImageStoreFixture(OciOptions? options = null)
    {
        Options = options ?? new OciOptions();
        Store = Another();
    }

    public OciOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public string Data => Path.Combine(_directory, "data");

    public ImageStore Store { get; }

    /// <summary>What another runner has of the same data directory.</summary>
    public ImageStore Another() =>
        new(Microsoft.Extensions.Options.Options.Create(new DataOptions { DataDirectory = Data }), Microsoft.Extensions.Options.Options.Create(Options), Time, NullLogger<ImageStore>.Instance);

    public string NewPath(string extension = ".tar") => Path.Combine(_directory, $"archive{++_archives}{extension}");

    /// <summary>The archive as <c>docker save</c> writes it, added to the store.</summary>
    public StoredImage Add(TestArchive archive)
    {
        var path = NewPath();
        archive.SaveDocker(path);
        return AddFile(path);
    }

    public StoredImage AddFile(string path, ImageStore? store = null) => Unpack(path, store ?? Store, TestContext.Current.CancellationToken);

    public static StoredImage Unpack(string path, ImageStore store, CancellationToken cancel)
    {
        using var opened = ArchiveFolder.Open(path);
        return store.Add(ArchiveContents.Read(opened).Single(), opened, cancel);
    }

    /// <summary>Shows an image as its containers see it, and then no more.</summary>
    public T Mounted<T>(StoredImage image, Func<string, T> look)
    {
        var target = Directory.CreateDirectory(Path.Combine(_directory, "root")).FullName;
        var empty = Directory.CreateDirectory(Path.Combine(_directory, "empty")).FullName;
        Mounts.Overlay([.. image.Layers, empty], target);
        try
        {
            return look(target);
        }
        finally
        {
            Mounts.Remove(target);
        }
    }

    /// <summary>What there is in the store that is not a lock: layers, whole or not, and images.</summary>
    public List<string> Contents() =>
        [.. Directory.EnumerateFileSystemEntries(Path.Combine(Data, "oci"), "*", SearchOption.TopDirectoryOnly)
            .Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries)
            .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Path.Combine(Data, "oci"), path))];

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
