using Docker.DotNet;
using Fn.Runner.Drivers.Docker;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>Images out of a Docker engine's store, for machines that have one: it pulls what it does not have, and writes it out as an archive.</summary>
internal sealed class EngineImages(DockerEngine engine, DockerImages images, DockerEvents events, ImageStore store, IOptions<OciOptions> options)
{
    private const int CopyBuffer = 128 * 1024;

    /// <summary>Another one than before when a name may stand for another image since.</summary>
    public long Version => events.ImagesVersion;

    /// <summary>The image, unpacked; or why it cannot be had. Throws what <see cref="ImageStore.Add"/> does.</summary>
    public async Task<(StoredImage? Image, CallFailure? Failure)> GetAsync(string image, CancellationToken cancel)
    {
        // Who asks for an image of an engine follows what becomes of its images; not where there is no engine.
        if ((await engine.CallAsync((client, limited) => client.System.PingAsync(limited), cancel)).Error is { } away)
            return (null, away.ToFailure());
        if (await images.EnsureAsync(image, cancel) is { } failure)
            return (null, failure);
        var found = await engine.CallAsync((client, limited) => client.Images.InspectImageAsync(image, limited), cancel);
        if (found.Error is { } error)
            return (null, error.ToFailure());
        // An engine that keeps its images as containerd does names them by another digest; then the archive tells.
        if (store.TryUse(Digest.Parse(found.Value!.ID)) is { } known)
            return (known, null);
        var saved = await engine.CallWithoutLimitAsync((client, token) => SaveAsync(client, image, token), cancel);
        if (saved.Error is { } notSaved)
            return (null, notSaved.ToFailure());
        using var archive = saved.Value!;
        var wanted = ArchiveContents.Read(archive) is [var only] ? only : throw new InvalidDataException("the engine wrote another number of images than one");
        return (store.Add(wanted, archive, cancel), null);
    }

    /// <summary>Keeps what the engine writes in a file without a name, which is gone with its last user, however that ends.</summary>
    private async Task<IImageArchive> SaveAsync(DockerClient client, string image, CancellationToken cancel)
    {
        await using var stream = await client.Images.SaveImageAsync(image, cancel);
        var path = Path.Combine(Directory.CreateDirectory(store.Root).FullName, $"{Guid.NewGuid():N}.part");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        try
        {
            File.Delete(path);
            var buffer = new byte[CopyBuffer];
            long length = 0;
            for (int count; (count = await stream.ReadAsync(buffer, cancel)) > 0; length += count)
            {
                if (length + count > options.Value.MaxImageSize)
                    throw new InvalidDataException($"the image is larger than {OciOptions.Section}:{nameof(OciOptions.MaxImageSize)}={options.Value.MaxImageSize} bytes");
                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), length, cancel);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return ArchiveFile.Read(file);
    }
}
