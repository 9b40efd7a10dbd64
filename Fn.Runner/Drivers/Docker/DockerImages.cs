using System.Collections.Concurrent;
using System.Net;
using Docker.DotNet.Models;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers.Docker;

/// <summary>The engine's images. One pull an image however many wait for it; it ends when nobody does. Thread-safe.</summary>
internal sealed class DockerImages(DockerEngine engine, DockerEvents events, DockerCredentials credentials)
{
    /// <summary>Images that were found to be there, and under which version of all images.</summary>
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);

    private readonly SharedPulls<CallFailure?> _pulls = new();

    /// <summary>Makes an image available. Null: it is there. One that was there is not looked at again before images change.</summary>
    public async ValueTask<CallFailure?> EnsureAsync(string image, CancellationToken cancel)
    {
        if (_known.TryGetValue(image, out var version) && version == events.ImagesVersion)
            return null;
        if (ImageReference.Parse(image) is not { } reference)
            return new CallFailure(CallError.StartFailed) { Detail = "not a valid image reference" };
        return await _pulls.RunAsync(image, token => FindOrPullAsync(image, reference, token), cancel);
    }

    /// <summary>The engine says that it does not have the image after all.</summary>
    public void Forget(string image) => _known.TryRemove(image, out _);

    private async Task<CallFailure?> FindOrPullAsync(string image, ImageReference reference, CancellationToken cancel)
    {
        events.Follow();
        // Read before the image is: thread A looks at it, the engine gives its name to another, thread B hears of that, and only then A notes what it saw.
        var version = events.ImagesVersion;
        var found = await InspectAsync(image, cancel);
        if (found.Error is { Status: HttpStatusCode.NotFound })
        {
            if (await PullAsync(reference, cancel) is { } failure)
                return failure;
            version = events.ImagesVersion;
            found = await InspectAsync(image, cancel);
        }
        if (found.Error is { } error)
            return error.Status is null ? error.ToFailure() : Failed(error);
        if (found.Value!.Config?.Volumes is { Count: > 0 })
            return new CallFailure(CallError.ImageHasVolume);
        _known[image] = version;
        return null;
    }

    private ValueTask<EngineAnswer<ImageInspectResponse>> InspectAsync(string image, CancellationToken cancel) =>
        engine.CallAsync((client, limited) => client.Images.InspectImageAsync(image, limited), cancel);

    private async Task<CallFailure?> PullAsync(ImageReference reference, CancellationToken cancel)
    {
        var progress = new PullProgress();
        var login = await credentials.ForAsync(reference.Registry, cancel);
        var parameters = new ImagesCreateParameters { FromImage = reference.Repository, Tag = reference.Tag };
        var answer = await engine.CallWithoutLimitAsync(
            async (client, token) =>
            {
                await client.Images.CreateImageAsync(parameters, login, progress, token);
                return true;
            },
            cancel);
        if (answer.Error is { } error)
            return error.Status is null ? error.ToFailure() : Failed(error);
        // A pull that began well and then failed ends with a line that says so.
        return progress.Error is { } reason ? new CallFailure(CallError.PullFailed) { Detail = reason } : null;
    }

    private static CallFailure Failed(EngineError error) => new(CallError.PullFailed)
    {
        Status = error.Status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError ? (int)error.Status : null,
        Detail = error.Message,
    };

    private sealed class PullProgress : IProgress<JSONMessage>
    {
        public string? Error { get; private set; }

        public void Report(JSONMessage value) => Error = value.Error?.Message ?? Error;
    }
}
