using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers.Docker;

/// <summary>A function as a container of the engine. Its streams are attached before it is started, so that nothing it writes is lost.</summary>
#pragma warning disable CA1001 // Its end is its removal, which disposes what it owns.
internal sealed partial class DockerContainer(string id, string engineId, bool hasInput, DockerEngine engine, DockerEvents events, TimeProvider time, ILogger logger) : IContainer
#pragma warning restore CA1001
{
    /// <summary>The exit code of what was killed.</summary>
    public const int Killed = 137;

    /// <summary>How long a reader may take to the end of what the function wrote.</summary>
    private static readonly TimeSpan ReaderGrace = TimeSpan.FromSeconds(1);

    /// <summary>How often a runner that ends asks an engine that answers and does not remove the container.</summary>
    private const int MostLateTries = 5;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ContainerExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DockerInput? _input;
    private FunctionOutput? _output;
    private FunctionOutput? _log;
    private Task? _removal;
    private bool _started;

    public string Id { get; } = id;

    /// <summary>The id that the engine gave it.</summary>
    public string EngineId { get; } = engineId;

    public Stream Input => _input ?? throw NotStarted();

    public Stream Output => _output ?? throw NotStarted();

    public Stream Log => _log ?? throw NotStarted();

    public Task<ContainerExit> Ended => _ended.Task;

    public async ValueTask<CallFailure?> StartAsync(CancellationToken cancel)
    {
        events.Add(this);
        var own = await AttachAsync(new ContainerAttachParameters { Stream = true, Stdin = hasInput, Stdout = true }, cancel);
        if (own.Error is { } notAttached)
            return notAttached.ToFailure();
        (_input, _output) = (new DockerInput(own.Value!), new FunctionOutput(new DockerOutput(own.Value!)));
        var log = await AttachAsync(new ContainerAttachParameters { Stream = true, Stderr = true }, cancel);
        if (log.Error is { } withoutLog)
            return withoutLog.ToFailure();
        _log = new FunctionOutput(new DockerOutput(log.Value!));
        _started = true;
        var started = await engine.CallAsync((client, limited) => client.Containers.StartContainerAsync(EngineId, null, limited), cancel);
        return started.Error?.ToFailure();
    }

    public Task RemoveAsync()
    {
        lock (_lock)
            return _removal ??= Task.Run(RemoveCoreAsync);
    }

    /// <summary>The engine says that it has ended.</summary>
    public void OnDied(int code)
    {
        if (code != Killed || IsBeingRemoved)
            _ended.TrySetResult(new ContainerExit(code, OutOfMemory: false));
        else
            _ = AskWhyKilledAsync();
    }

    /// <summary>
    /// The engine's word cannot be heard for now. If it is the engine that went, its containers' streams end as well, and who reads an answer from one must
    /// not wait for an exit code until it is back.
    /// </summary>
    public async Task WatchAloneAsync(CancellationToken cancel)
    {
        if (!_started)
            return;
        await _output!.ReaderLeft.WaitAsync(cancel);
        if (await LookAsync(cancel) is { Status: null })
            _ended.TrySetResult(ContainerExit.Lost);
    }

    /// <summary>Asks the engine whether it still runs, when its word may have been missed. An error: nobody knows.</summary>
    public async Task<EngineError?> LookAsync(CancellationToken cancel)
    {
        if (!_started || _ended.Task.IsCompleted)
            return null;
        var answer = await InspectAsync(cancel);
        if (answer.Value?.State is { Running: false } state && state.Status != "created")
            _ended.TrySetResult(new ContainerExit((int)state.ExitCode, state.OOMKilled));
        else if (answer.Error is { Status: HttpStatusCode.NotFound })
            _ended.TrySetResult(ContainerExit.Lost);
        return answer.Error;
    }

    private bool IsBeingRemoved
    {
        get
        {
            lock (_lock)
                return _removal is not null;
        }
    }

    private async Task AskWhyKilledAsync()
    {
        var answer = await InspectAsync(CancellationToken.None);
        // An engine that stops kills its containers, and is gone when it is asked why.
        _ended.TrySetResult(answer.Error is { Status: null } ? ContainerExit.Lost : new ContainerExit(Killed, answer.Value?.State?.OOMKilled == true));
    }

    private ValueTask<EngineAnswer<ContainerInspectResponse>> InspectAsync(CancellationToken cancel) =>
        engine.CallAsync((client, limited) => client.Containers.InspectContainerAsync(EngineId, limited), cancel);

    private ValueTask<EngineAnswer<MultiplexedStream>> AttachAsync(ContainerAttachParameters parameters, CancellationToken cancel) =>
        engine.CallAsync((client, limited) => client.Containers.AttachContainerAsync(EngineId, parameters, limited), cancel);

    private async Task RemoveCoreAsync()
    {
        var removal = RemoveFromEngineAsync();
        // An engine that cannot get rid of what the function wrote does not get to the container's end either. So whoever has stopped reading is cut off.
        if (await Task.WhenAny(removal, Task.Delay(ReaderGrace, time)) != removal)
            await DisposeStreamsAsync(unreadOnly: true);
        await removal;
        events.Remove(this);
        _ended.TrySetResult(new ContainerExit(Killed, OutOfMemory: false));
        await Task.WhenAny(Task.WhenAll(_output?.ReaderLeft ?? Task.CompletedTask, _log?.ReaderLeft ?? Task.CompletedTask), Task.Delay(ReaderGrace, time));
        await DisposeStreamsAsync(unreadOnly: false);
    }

    private async Task DisposeStreamsAsync(bool unreadOnly)
    {
        foreach (var stream in (FunctionOutput?[])[_output, _log])
        {
            if (stream is not null && !(unreadOnly && stream.IsBeingRead))
                await stream.DisposeAsync();
        }
    }

    /// <summary>
    /// Its memory is not free before the engine says that it is gone, so an engine that is away is waited for; but not by a runner that ends: it removes at
    /// its next start what it left.
    /// </summary>
    private async Task RemoveFromEngineAsync()
    {
        var late = 0;
        for (var wait = FirstRetry; await TryRemoveAsync() is { } error; wait = wait * 2 < LastRetry ? wait * 2 : LastRetry)
        {
            var stopping = engine.Stopping.IsCancellationRequested;
            if (stopping && (error.Status is null || ++late == MostLateTries))
                return;
            await Task.Delay(wait, time, stopping ? CancellationToken.None : engine.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Null: it is gone.</summary>
    private async Task<EngineError?> TryRemoveAsync()
    {
        var parameters = new ContainerRemoveParameters { Force = true, RemoveVolumes = true };
        var answer = await engine.CallAsync((client, limited) => client.Containers.RemoveContainerAsync(EngineId, parameters, limited), CancellationToken.None);
        if (answer.Error is null or { Status: HttpStatusCode.NotFound })
            return null;
        // 409: somebody else removes it, and is not yet done.
        if (answer.Error.Status != HttpStatusCode.Conflict)
            Messages.NotRemoved(logger, Id, answer.Error.Message);
        return answer.Error;
    }

    private static InvalidOperationException NotStarted() => new("The container was not started.");

    private static partial class Messages
    {
        [LoggerMessage(2523, LogLevel.Warning, "Container {ContainerId} is not yet removed: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string containerId, string reason);
    }
}
