using System.Collections.Concurrent;
using System.ComponentModel;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// The images that functions name, mounted: from an archive that has the name, else from a Docker engine if there is one. What was found of a name holds until
/// the archives or the engine's images change. Thread-safe.
/// </summary>
internal sealed partial class OciImages : IDisposable
{
    private readonly ImageStore _store;
    private readonly EngineImages _engine;
    private readonly ArchiveFolder _archives;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Digest, MountedImage> _mounted = new();
    private readonly SharedPulls<(MountedImage? Image, CallFailure? Failure)> _pulls = new();
    private readonly Lock _mounting = new();

    /// <summary>Names of images that somebody waits for, and how many do: what they stand for is not let go. Under the lock of mounting.</summary>
    private readonly Dictionary<string, int> _wanted = new(StringComparer.Ordinal);

    public OciImages(ImageStore store, EngineImages engine, IOptions<DataOptions> data, IOptions<OciOptions> options, ILogger<OciImages> logger)
    {
        (_store, _engine, _logger) = (store, engine, logger);
        _archives = new ArchiveFolder(Path.GetFullPath(options.Value.Archives ?? Path.Combine(data.Value.FullPath, "images")));
    }

    /// <summary>Makes an image available, or says why it cannot be.</summary>
    public async ValueTask<(MountedImage? Image, CallFailure? Failure)> EnsureAsync(string image, CancellationToken cancel)
    {
        if (_known.TryGetValue(image, out var known) && known.Holds())
            return (known.Image, null);
        return await _pulls.RunAsync(image, token => GetAsync(image, token), cancel);
    }

    /// <summary>The image of a container that is to be created, taken for it.</summary>
    public async ValueTask<(MountedImage? Image, CallFailure? Failure)> TakeAsync(string image, CancellationToken cancel)
    {
        using var wanted = Want(image);
        while (true)
        {
            var (found, failure) = await EnsureAsync(image, cancel);
            if (found is null)
                return (null, failure);
            if (found.TryTake())
            {
                _store.Touch(found.Config.Digest);
                return (found, null);
            }
            // Cleared out before it was wanted. What is got now stays until it is taken.
            _known.TryRemove(image, out _);
        }
    }

    /// <summary>Takes away what dead processes left mounted and nobody uses.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(RootsDirectory))
            return;
        foreach (var path in Directory.EnumerateDirectories(RootsDirectory))
        {
            if (Digest.TryParseHex(Path.GetFileName(path)) is { } digest && !_mounted.ContainsKey(digest))
                _store.IfUnused(digest, () => Mounts.RemoveAll(path));
        }
    }

    public void Dispose()
    {
        foreach (var digest in _mounted.Keys)
            LetGo(digest);
    }

    private string RootsDirectory => Path.Combine(_store.Root, "roots");

    private async Task<(MountedImage? Image, CallFailure? Failure)> GetAsync(string image, CancellationToken cancel)
    {
        try
        {
            // Read before the image is: what changes meanwhile is seen the next time.
            var (changed, version) = (_archives.ChangedAt, _engine.Version);
            var at = _archives.Find(image, out var unread);
            var (stored, failure) = at is not null ? (FromArchive(at, cancel), null) : await FromEngineAsync(image, unread, cancel);
            if (stored is null)
                return (null, failure);
            if (stored.Config.HasVolumes)
            {
                stored.Dispose();
                return (null, new CallFailure(CallError.ImageHasVolume));
            }
            // Whoever asked for it uses it now: in a store that is too small for it, others go.
            using var wanted = Want(image);
            var mounted = Mount(stored, image, () => _archives.ChangedAt == changed && (at is null ? _engine.Version == version : ArchiveFolder.IsUnchanged(at)));
            Collect(mounted.Config.Digest);
            return (mounted, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.NotUnpacked(_logger, e, image);
            return (null, new CallFailure(CallError.PullFailed) { Detail = e.Message });
        }
    }

    private StoredImage FromArchive(ArchivedAt at, CancellationToken cancel)
    {
        if (at.Image.Config is { } digest && _store.TryUse(digest) is { } known)
            return known;
        using var archive = ArchiveFolder.Open(at.Path);
        try
        {
            return _store.Add(at.Image, archive, cancel);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{at.Path}: {e.Message}", e);
        }
    }

    private async Task<(StoredImage? Image, CallFailure? Failure)> FromEngineAsync(string image, IReadOnlyList<string> unread, CancellationToken cancel)
    {
        var (stored, failure) = await _engine.GetAsync(image, cancel);
        if (failure is not { Error: CallError.EngineUnavailable or CallError.PullFailed })
            return (stored, failure);
        // An engine that went does not take with it what was got from it.
        if (failure.Error == CallError.EngineUnavailable && _known.TryGetValue(image, out var known) && _store.TryUse(known.Image.Config.Digest) is { } kept)
            return (kept, null);
        var archives = string.Concat(unread.Select(line => $"; {line}"));
        return (null, new CallFailure(CallError.PullFailed) { Status = failure.Status, Detail = $"no archive in {_archives.Directory} has it{archives}; {failure.Detail}" });
    }

    /// <summary>Clears out for an image. It is there whatever comes of that.</summary>
    private void Collect(Digest added)
    {
        try
        {
            _store.Touch(added);
            _store.Collect(LetGo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or Win32Exception)
        {
            Log.NotCleared(_logger, e);
        }
    }

    private MountedImage Mount(StoredImage stored, string image, Func<bool> holds)
    {
        lock (_mounting)
        {
            var digest = stored.Config.Digest;
            if (_mounted.TryGetValue(digest, out var mounted))
                // Used already, by itself.
                stored.Dispose();
            else
                _mounted[digest] = mounted = MountedImage.Mount(stored, Path.Combine(RootsDirectory, digest.Hex), BaseLayer.Make(_store.Root));
            _known[image] = new Known(mounted, holds);
            return mounted;
        }
    }

    private void LetGo(Digest digest)
    {
        lock (_mounting)
        {
            if (_wanted.Keys.Any(image => _known.TryGetValue(image, out var known) && known.Image.Config.Digest == digest))
                return;
            if (_mounted.TryGetValue(digest, out var mounted) && mounted.TryLetGo())
                _mounted.TryRemove(digest, out _);
        }
    }

    /// <summary>Keeps what a name stands for from being let go, until this is disposed.</summary>
    private Wish Want(string image)
    {
        lock (_mounting)
            _wanted[image] = _wanted.GetValueOrDefault(image) + 1;
        return new Wish(this, image);
    }

    private void Unwant(string image)
    {
        lock (_mounting)
        {
            if (--_wanted[image] == 0)
                _wanted.Remove(image);
        }
    }

    private sealed record Known(MountedImage Image, Func<bool> Holds);

    private sealed class Wish(OciImages images, string image) : IDisposable
    {
        public void Dispose() => images.Unwant(image);
    }

    private static partial class Log
    {
        [LoggerMessage(2534, LogLevel.Warning, "Image {Image} could not be unpacked")]
        public static partial void NotUnpacked(ILogger logger, Exception exception, string image);

        [LoggerMessage(2540, LogLevel.Warning, "Unpacked images could not be cleared out: the store may take more than it is allowed to")]
        public static partial void NotCleared(ILogger logger, Exception exception);
    }
}
