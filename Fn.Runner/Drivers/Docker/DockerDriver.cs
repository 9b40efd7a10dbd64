using System.Net;
using Docker.DotNet.Models;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Docker;

/// <summary>
/// Runs images on a Docker engine. The engine may be away when the runner starts, and go and come back later: calls that need it meanwhile fail in a
/// defined way, and what was left to remove is removed when it is back.
/// </summary>
internal sealed partial class DockerDriver(
    DockerEngine engine,
    DockerImages images,
    DockerEvents events,
    IOptions<ContainerOptions> containers,
    IOptions<DockerOptions> options,
    IOptions<RunnerOptions> runner,
    TimeProvider time,
    ILogger<DockerDriver> logger) : IContainerDriver, IDisposable
{
    private readonly SemaphoreSlim _cleaning = new(1, 1);
    private volatile HashSet<string> _leftoversOf = [];

    public string Name => "docker";

    public bool SeesMounts => engine.SharesMounts;

    public TimeSpan TypicalStart { get; } = TimeSpan.FromMilliseconds(600);

    public bool Runs(string image) => !ProcessImage.Matches(image);

    public ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => images.EnsureAsync(image, cancel);

    public async ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel)
    {
        if (EnvironmentLimits.Check(spec.Environment) is { } tooLarge)
            return tooLarge;
        if (_leftoversOf.Contains(spec.RunnerId) && await RemoveOwnLeftoversAsync(spec.RunnerId, cancel) is { } notCleaned)
            return notCleaned.ToFailure();
        var answer = await CreateOrForgetAsync(spec, cancel);
        if (answer.Error is { Status: HttpStatusCode.NotFound })
        {
            // The image was removed behind our back.
            images.Forget(spec.Function.Image);
            if (await images.EnsureAsync(spec.Function.Image, cancel) is { } failure)
                return failure;
            answer = await CreateOrForgetAsync(spec, cancel);
        }
        return answer.Error is { } error ? error.ToFailure() : new CreateOutcome(Container(spec, answer.Value!), null);
    }

    public async Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel)
    {
        _leftoversOf = [.. runnerIds];
        foreach (var runnerId in runnerIds)
        {
            if (await RemoveOwnLeftoversAsync(runnerId, cancel) is { } error)
            {
                Log.NoEngine(logger, engine.Host, error.Message);
                return;
            }
        }
    }

    public void Dispose() => _cleaning.Dispose();

    /// <summary>Creates a container; when nobody waits for it any more by the time it is there, it is removed.</summary>
    private async Task<EngineAnswer<CreateContainerResponse>> CreateOrForgetAsync(ContainerSpec spec, CancellationToken cancel)
    {
        var parameters = DockerContainerSpec.Create(spec, containers.Value, options.Value, runner.Value.UseImageUser);
        // Neither cancelled nor limited itself, only the waiting for it is: a request that was sent is carried out, whoever hangs up.
        var creating = engine.CallWithoutLimitAsync((client, stopping) => client.Containers.CreateContainerAsync(parameters, stopping), engine.Stopping).AsTask();
        try
        {
            return await creating.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            _ = RemoveUnwantedAsync(spec, creating);
            throw;
        }
    }

    private async Task RemoveUnwantedAsync(ContainerSpec spec, Task<EngineAnswer<CreateContainerResponse>> creating)
    {
        try
        {
            if ((await creating).Value is { } created)
                await Container(spec, created).RemoveAsync();
        }
        catch (OperationCanceledException) when (engine.Stopping.IsCancellationRequested)
        {
            // The runner ends, and removes it by its label at its next start.
        }
    }

    private DockerContainer Container(ContainerSpec spec, CreateContainerResponse created) =>
        new(spec.Id, created.ID, spec.SocketDirectory is null, engine, events, time, logger);

    /// <summary>
    /// Removes what earlier processes of a runner left, once. An error: not yet. Tried later only for the runner that creates containers here: others that
    /// were dead at the start may live again by then. One at a time, and before the first container is created: thread A must not list what thread B,
    /// which had the same done already, has just created.
    /// </summary>
    private async Task<EngineError?> RemoveOwnLeftoversAsync(string runnerId, CancellationToken cancel)
    {
        await _cleaning.WaitAsync(cancel);
        try
        {
            if (!_leftoversOf.Contains(runnerId))
                return null;
            var found = await engine.CallAsync((client, limited) => client.Containers.ListContainersAsync(OfRunner(runnerId), limited), cancel);
            if (found.Error is { } error)
                return error;
            await Task.WhenAll(found.Value!.Select(container => RemoveAsync(container, cancel)));
            _leftoversOf = [.. _leftoversOf.Where(id => id != runnerId)];
            return null;
        }
        finally
        {
            _cleaning.Release();
        }
    }

    private async Task RemoveAsync(ContainerListResponse container, CancellationToken cancel)
    {
        var left = new DockerContainer(container.ID, container.ID, hasInput: false, engine, events, time, logger);
        await left.RemoveAsync().WaitAsync(cancel);
        Log.LeftoverRemoved(logger, container.Names.FirstOrDefault() ?? container.ID);
    }

    private static ContainersListParameters OfRunner(string runnerId) => new()
    {
        All = true,
        Filters = new Dictionary<string, IDictionary<string, bool>>
        {
            ["label"] = new Dictionary<string, bool> { [$"{DockerLabels.Runner}={runnerId}"] = true },
        },
    };

    private static partial class Log
    {
        [LoggerMessage(2524, LogLevel.Warning, "No Docker engine at {Host}, so functions of images cannot run: start it, set Fn:Docker:Host, or set Fn:Runner:ContainerDriver to none. It is looked for again with each such call. ({Reason})")]
        public static partial void NoEngine(ILogger logger, string host, string reason);

        [LoggerMessage(2525, LogLevel.Information, "Container {Container} of an earlier run was removed")]
        public static partial void LeftoverRemoved(ILogger logger, string container);
    }
}
