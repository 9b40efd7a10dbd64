using System.Collections.Concurrent;
using System.Globalization;
using Docker.DotNet.Models;

namespace Fn.Runner.Drivers.Docker;

/// <summary>
/// Learns of the ends of this runner's containers, and of changes of images, from one stream of events. When the stream breaks off it is opened again where
/// it ended, and each container is looked at once, for an engine that was started anew has forgotten what it had to tell. Thread-safe.
/// </summary>
internal sealed partial class DockerEvents(DockerEngine engine, TimeProvider time, ILogger<DockerEvents> logger) : IProgress<Message>, IDisposable
{
    private const string ImageEvents = "image";
    private const string ContainerEvents = "container";

    /// <summary>The end of a container, and all that can make a name stand for another image.</summary>
    private static readonly string[] Actions = ["die", "tag", "untag", "pull", "load", "import", "delete"];

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, DockerContainer> _containers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private Task? _following;
    private string? _since;
    private long _imagesVersion;

    /// <summary>Another one than before when an image may have become another since: what was known of images under an older number is not known any more.</summary>
    public long ImagesVersion => Interlocked.Read(ref _imagesVersion);

    /// <summary>From now on the container is told. To be called before it is started.</summary>
    public void Add(DockerContainer container)
    {
        _containers.TryAdd(container.EngineId, container);
        Follow();
    }

    public void Remove(DockerContainer container) => _containers.TryRemove(container.EngineId, out _);

    /// <summary>From now on changes of images are told.</summary>
    public void Follow()
    {
        lock (_lock)
        {
            // The engine repeats what came since: a container that ends before the stream is open is told all the same.
            _since ??= Stamp(time.GetUtcNow().ToUnixTimeSeconds(), 0);
            _following ??= Task.Run(FollowAsync);
        }
    }

    void IProgress<Message>.Report(Message value)
    {
        if (value.TimeNano is { } at)
            _since = Stamp(at / 1_000_000_000, at % 1_000_000_000);
        if (value.Type == ImageEvents)
            Interlocked.Increment(ref _imagesVersion);
        else if (_containers.TryGetValue(value.Actor.ID, out var container))
            container.OnDied(ExitCode(value.Actor.Attributes));
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private async Task FollowAsync()
    {
        var cancel = _disposed.Token;
        for (var wait = FirstRetry; ; wait = wait * 2 < LastRetry ? wait * 2 : LastRetry)
        {
            var opened = time.GetTimestamp();
            try
            {
                var answer = await engine.CallWithoutLimitAsync(
                    async (client, token) =>
                    {
                        await client.System.MonitorEventsAsync(Parameters(), this, token);
                        return true;
                    },
                    cancel);
                Interlocked.Increment(ref _imagesVersion);
                Log.Broken(logger, answer.Error?.Message ?? "the engine ended it");
                foreach (var container in _containers.Values)
                    _ = WatchAloneAsync(container, cancel);
                if (time.GetElapsedTime(opened) > LastRetry)
                    wait = FirstRetry;
                await Task.Delay(wait, time, cancel);
                await LookAtAllAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Without this stream no end would be learnt any more.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.Failed(logger, e);
                await Task.Delay(wait, time, CancellationToken.None);
            }
        }
    }

    private async Task WatchAloneAsync(DockerContainer container, CancellationToken cancel)
    {
        try
        {
            await container.WatchAloneAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Nobody asks any more.
        }
#pragma warning disable CA1031 // Nobody awaits it: a bug is to be seen in the log rather than lost.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Failed(logger, e);
        }
    }

    private ContainerEventsParameters Parameters() => new()
    {
        Since = _since,
        Filters = new Dictionary<string, IDictionary<string, bool>>
        {
            ["type"] = new Dictionary<string, bool> { [ContainerEvents] = true, [ImageEvents] = true },
            // Not by the label as well: images do not carry it.
            ["event"] = Actions.ToDictionary(action => action, _ => true, StringComparer.Ordinal),
        },
    };

    private async Task LookAtAllAsync(CancellationToken cancel)
    {
        foreach (var container in _containers.Values)
            await container.LookAsync(cancel);
    }

    private static int ExitCode(IDictionary<string, string> attributes) =>
        attributes.TryGetValue("exitCode", out var text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
            ? code
            : DockerContainer.Killed;

    private static string Stamp(long seconds, long nanoseconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}.{nanoseconds:D9}");

    private static partial class Log
    {
        [LoggerMessage(2521, LogLevel.Warning, "The stream of the Docker engine's events broke off and is opened again: {Reason}")]
        public static partial void Broken(ILogger logger, string reason);

        [LoggerMessage(2522, LogLevel.Error, "Following the Docker engine's events failed unexpectedly")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
