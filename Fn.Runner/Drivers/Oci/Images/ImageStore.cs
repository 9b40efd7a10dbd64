using Fn.Runner.Linux;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// The unpacked images of a data directory, <c>oci</c> in it, for all runners that share it. Three kinds of locks keep them from each other's feet: who adds
/// or takes an image holds the store together with others, who clears it out holds it alone; a layer is held while it is unpacked; an image is held, together
/// with others, as long as it is used. Thread-safe. Nothing here is asynchronous: it is called where waiting for a disk is no harm.
/// </summary>
internal sealed partial class ImageStore
{
    private const string Lock = ".lock";
    private const string ConfigFile = ".json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly OciOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LayerStore _layers;
    private readonly string _images;
    private readonly string _storeLock;

    public ImageStore(IOptions<DataOptions> data, IOptions<OciOptions> options, TimeProvider time, ILogger<ImageStore> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        Root = Path.Combine(data.Value.FullPath, "oci");
        _images = Path.Combine(Root, "images");
        _storeLock = Path.Combine(Root, "store" + Lock);
        _layers = new LayerStore(Path.Combine(Root, "layers"));
    }

    /// <summary>The directory that holds everything of images and containers.</summary>
    public string Root { get; }

    /// <summary>An image that is there with all its layers; null when it is not.</summary>
    public StoredImage? TryUse(Digest config)
    {
        Prepare();
        using var held = FileLock.TakeShared(_storeLock);
        return UseHeld(config);
    }

    /// <summary>
    /// Unpacks what the store does not have of an image. Throws <see cref="InvalidDataException"/> for what is wrong with the image, <see cref="IOException"/>
    /// or <see cref="UnauthorizedAccessException"/> for what is wrong with the disk. Whole layers stay then, for the next attempt or to be cleared out.
    /// </summary>
    public StoredImage Add(ArchivedImage image, IImageArchive archive, CancellationToken cancel)
    {
        Prepare();
        var content = ArchiveContents.ReadAll(archive, image.ConfigMember, image.Config);
        var config = ImageConfig.Parse(content);
        if (config.Layers.Count != image.Layers.Count)
            throw new InvalidDataException($"its configuration names {config.Layers.Count} layers, the archive has {image.Layers.Count}");
        using var held = FileLock.TakeShared(_storeLock);
        var budget = new UnpackBudget(_options.MaxImageSize, _options.MaxImageFiles);
        foreach (var (layer, source) in config.Layers.Zip(image.Layers))
            _layers.Add(layer, source, archive, budget, cancel);
        WriteConfig(config.Digest, content);
        Log.Unpacked(_logger, config.Digest.Hex, config.Layers.Count, budget.Bytes);
        return UseHeld(config.Digest) ?? throw new IOException("the image was removed from the store while it was added");
    }

    /// <summary>Notes that an image was used now.</summary>
    public void Touch(Digest config) => File.SetLastWriteTimeUtc(ConfigPath(config), _time.GetUtcNow().UtcDateTime);

    /// <summary>Does something with an image's place that nobody may use meanwhile; nothing when somebody does.</summary>
    public void IfUnused(Digest config, Action action)
    {
        Prepare();
        using var unused = FileLock.TryTake(LockPath(config));
        if (unused is not null)
            action();
    }

    /// <summary>
    /// Removes images, those least recently used first, until the rest takes no more than allowed, and layers that no image has. Images that are used stay.
    /// Does nothing while others add: they clear out after that.
    /// </summary>
    /// <param name="letGo">Gives up an image that is only kept for the next container; called before it is removed.</param>
    public void Collect(Action<Digest> letGo)
    {
        Prepare();
        using var alone = FileLock.TryTake(_storeLock);
        if (alone is null)
            return;
        _layers.RemoveParts();
        var sizes = _layers.All();
        var images = Directory.EnumerateFiles(_images, "*" + ConfigFile)
            .Select(path => (Digest: Digest.TryParseHex(Path.GetFileNameWithoutExtension(path)), UsedAt: File.GetLastWriteTimeUtc(path)))
            .Where(image => image.Digest is not null)
            .OrderBy(image => image.UsedAt)
            .Select(image => (Digest: image.Digest!.Value, Layers: LayersOf(image.Digest.Value)))
            .ToList();
        while (SizeOf(images.SelectMany(image => image.Layers), sizes) > _options.MaxStoreSize && images.FindIndex(image => TryRemove(image.Digest, letGo)) is >= 0 and var removed)
            images.RemoveAt(removed);
        foreach (var layer in sizes.Keys.Except(images.SelectMany(image => image.Layers)))
            _layers.Remove(layer);
    }

    private static long SizeOf(IEnumerable<Digest> layers, IReadOnlyDictionary<Digest, long> sizes) => layers.Distinct().Sum(layer => sizes.GetValueOrDefault(layer));

    private bool TryRemove(Digest config, Action<Digest> letGo)
    {
        letGo(config);
        using var unused = FileLock.TryTake(LockPath(config));
        if (unused is null)
            return false;
        File.Delete(ConfigPath(config));
        File.Delete(LockPath(config));
        Log.Removed(_logger, config.Hex);
        return true;
    }

    private StoredImage? UseHeld(Digest digest)
    {
        if (Read(digest) is not { } config || !config.Layers.All(_layers.Has))
            return null;
        var inUse = FileLock.TakeShared(LockPath(digest));
        return new StoredImage(config, [.. config.Layers.Reverse().Select(_layers.FilesOf)], inUse);
    }

    /// <summary>Null: it is not there, or not what its name says.</summary>
    private ImageConfig? Read(Digest digest)
    {
        var path = ConfigPath(digest);
        if (!File.Exists(path))
            return null;
        var content = File.ReadAllBytes(path);
        return Digest.Of(content) == digest ? ImageConfig.Parse(content) : null;
    }

    private IReadOnlyList<Digest> LayersOf(Digest digest) => Read(digest)?.Layers ?? [];

    private void WriteConfig(Digest digest, byte[] content)
    {
        // Others may write the same at the same time.
        var part = Path.Combine(_images, $"{Guid.NewGuid():N}.part");
        File.WriteAllBytes(part, content);
        File.Move(part, ConfigPath(digest), overwrite: true);
    }

    private void Prepare()
    {
        Directory.CreateDirectory(Root, OwnerOnly);
        Directory.CreateDirectory(_images);
    }

    private string ConfigPath(Digest config) => Path.Combine(_images, config.Hex + ConfigFile);

    private string LockPath(Digest config) => Path.Combine(_images, config.Hex + Lock);

    private static partial class Log
    {
        [LoggerMessage(2530, LogLevel.Information, "Image {Image} of {Layers} layers was unpacked: {Bytes} bytes")]
        public static partial void Unpacked(ILogger logger, string image, int layers, long bytes);

        [LoggerMessage(2531, LogLevel.Information, "Image {Image} was removed from the store: it was least recently used")]
        public static partial void Removed(ILogger logger, string image);
    }
}
