using Fn.Runner.Drivers;
using Fn.Runner.Identity;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Containers;

/// <summary>
/// Takes a function from nothing to a container that is ready: pull, create, start, ready, each under its own limit. Whatever fails, nothing is left.
/// Stateless; thread-safe.
/// </summary>
internal sealed partial class ContainerLauncher(
    SocketDirectories sockets, FunctionLog functionLog, IOptions<ContainerOptions> options, RunnerIdentity identity, TimeProvider time, ILogger<ContainerLauncher> logger)
{
    private readonly ContainerOptions _options = options.Value;

    /// <param name="function">What to start.</param>
    /// <param name="driver">The driver that runs its image.</param>
    /// <param name="format">Its format.</param>
    /// <param name="call">The call the container is made for, when the format serves one call.</param>
    /// <param name="timeline">Its <see cref="LaunchTimeline.Granted"/> is set; the rest is filled in.</param>
    /// <param name="cancel">Nobody wants the container any more.</param>
    public async Task<LaunchOutcome> LaunchAsync(
        FunctionSpec function, IContainerDriver driver, IFunctionFormat format, CallOffer? call, LaunchTimeline timeline, CancellationToken cancel)
    {
        try
        {
            var outcome = await RunAsync(function, driver, format, call, timeline, cancel);
            if (outcome.Failure is { } failure)
                Log.StartFailed(logger, function.FunctionId, function.Image, failure.Error, failure.Detail);
            return outcome;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return Failed(CallError.ClientLeft);
        }
#pragma warning disable CA1031 // A driver's bug must not take the pool's waiters with it: they get a defined answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.StartThrew(logger, e, function.FunctionId, function.Image);
            return Failed(CallError.StartFailed);
        }
    }

    private async Task<LaunchOutcome> RunAsync(
        FunctionSpec function, IContainerDriver driver, IFunctionFormat format, CallOffer? call, LaunchTimeline timeline, CancellationToken cancel)
    {
        var (failure, inTime) = await WithinAsync(_options.PullTimeout, token => driver.PullAsync(function.Image, token), cancel);
        if (!inTime)
            return Failed(CallError.PullTimedOut, Named("PullTimeout", _options.PullTimeout));
        if (failure is not null)
            return new LaunchOutcome(null, failure);
        timeline.Pulled = time.GetTimestamp();

        string? socketDirectory;
        try
        {
            socketDirectory = format.NeedsSocketDirectory ? sockets.Create(driver.SeesMounts) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LaunchOutcome(null, new CallFailure(CallError.StartFailed) { Detail = e.Message });
        }
        var spec = Spec(function, format, call, socketDirectory);
        CreateOutcome created = default;
        try
        {
            (created, inTime) = await WithinAsync(_options.CreateTimeout, token => driver.CreateAsync(spec, token), cancel);
        }
        finally
        {
            if (created.Container is null)
                SocketDirectories.Remove(socketDirectory);
        }
        if (created.Container is not { } container)
            return inTime ? new LaunchOutcome(null, created.Failure) : Failed(CallError.InitializationTimedOut, Named("CreateTimeout", _options.CreateTimeout));
        timeline.Created = time.GetTimestamp();
        return await StartAsync(function, format, container, socketDirectory, timeline, cancel);
    }

    private async Task<LaunchOutcome> StartAsync(
        FunctionSpec function, IFunctionFormat format, IContainer container, string? socketDirectory, LaunchTimeline timeline, CancellationToken cancel)
    {
        LaunchOutcome outcome;
        try
        {
            outcome = await TryStartAsync(function, format, container, socketDirectory, timeline, cancel);
        }
        catch
        {
            await RemoveAsync(container, socketDirectory);
            throw;
        }
        // Not awaited: an engine that is away may take long to remove it, and what went wrong is known now.
        return outcome.Container is null ? outcome with { Removal = RemoveAsync(container, socketDirectory) } : outcome;
    }

    private async Task<LaunchOutcome> TryStartAsync(
        FunctionSpec function, IFunctionFormat format, IContainer container, string? socketDirectory, LaunchTimeline timeline, CancellationToken cancel)
    {
        // What an engine takes to start it is not the function's doing, so it does not count against the time that this one has to get ready.
        var (notStarted, inTime) = await WithinAsync(_options.CreateTimeout, container.StartAsync, cancel);
        if (!inTime)
            return Failed(CallError.InitializationTimedOut, Named("CreateTimeout", _options.CreateTimeout));
        if (notStarted is not null)
            return new LaunchOutcome(null, notStarted);
        timeline.Started = time.GetTimestamp();
        var log = functionLog.Follow(container, function, outputToo: format.NeedsSocketDirectory);
        (var opened, inTime) = await WithinAsync(_options.StartTimeout, token => format.OpenAsync(container, function, socketDirectory, token), cancel);
        if (!inTime)
            return Failed(CallError.InitializationTimedOut, Named("StartTimeout", _options.StartTimeout));
        if (opened.Channel is not { } channel)
            return new LaunchOutcome(null, opened.Failure);
        timeline.Ready = time.GetTimestamp();
        return new LaunchOutcome(new HotContainer(container, channel, log, timeline) { SocketDirectory = socketDirectory }, null);
    }

    private static async Task RemoveAsync(IContainer container, string? socketDirectory)
    {
        await container.RemoveAsync();
        SocketDirectories.Remove(socketDirectory);
    }

    private ContainerSpec Spec(FunctionSpec function, IFunctionFormat format, CallOffer? call, string? socketDirectory)
    {
        var environment = new Dictionary<string, string>(function.Config, StringComparer.Ordinal);
        format.AddEnvironment(environment, function, call, time.GetUtcNow());
        return new ContainerSpec
        {
            Id = FnId.New(time),
            RunnerId = identity.Id,
            Function = function,
            Environment = environment,
            SocketDirectory = socketDirectory,
        };
    }

    private async ValueTask<(T Result, bool InTime)> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, ValueTask<T>> step, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return (await step(both.Token), true);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return (default!, false);
        }
    }

    private static LaunchOutcome Failed(CallError error, string? limit = null) => new(null, new CallFailure(error) { Limit = limit });

    private static string Named(string setting, TimeSpan limit) => $"{ContainerOptions.Section}:{setting}={limit.TotalSeconds}s";

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Warning, "No container for function {FunctionId} ({Image}): {Error} {Detail}")]
        public static partial void StartFailed(ILogger logger, string functionId, string image, CallError error, string? detail);

        [LoggerMessage(2102, LogLevel.Error, "Starting a container for function {FunctionId} ({Image}) failed unexpectedly")]
        public static partial void StartThrew(ILogger logger, Exception exception, string functionId, string image);
    }
}
