using System.Collections.Concurrent;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci;

/// <summary>
/// Runs images with an OCI runtime on layers unpacked once: no engine stands between, so a container is there in the time that the kernel and the runtime take.
/// Needs root.
/// </summary>
internal sealed partial class OciDriver(
    ImageStore store,
    OciImages images,
    RuntimeFinder runtimes,
    ContainerNetworks networks,
    IOptions<ContainerOptions> containers,
    IOptions<RunnerOptions> runner,
    TimeProvider time,
    ILogger<OciDriver> logger) : IContainerDriver, IDisposable
{
    /// <summary>How many leftovers are removed at once.</summary>
    private const int MostAtOnce = 8;

    private const string ImageUserSetting = $"{RunnerOptions.Section}:{nameof(RunnerOptions.UseImageUser)}";

    // Of whom containers were made.
    private readonly ConcurrentDictionary<string, bool> _runners = new(StringComparer.Ordinal);

    public string Name => "oci";

    public bool SeesMounts => true;

    public TimeSpan TypicalStart { get; } = TimeSpan.FromMilliseconds(100);

    public bool Runs(string image) => !ProcessImage.Matches(image);

    public async ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => (await images.EnsureAsync(image, cancel)).Failure;

    public async ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel)
    {
        if (EnvironmentLimits.Check(spec.Environment) is { } tooLarge)
            return tooLarge;
        var (setup, unusable) = await runtimes.FindAsync();
        if (setup is null)
            return Failed(unusable!);
        var (image, failure) = await images.TakeAsync(spec.Function.Image, cancel);
        if (image is null)
            return failure!;
        var created = default(CreateOutcome);
        ContainerNetwork? network = null;
        try
        {
            (network, var missing) = await networks.TakeAsync();
            return created = missing is null ? Create(spec, setup, image, network) : Failed(missing);
        }
        finally
        {
            if (created.Container is null)
            {
                network?.Discard();
                image.Release();
            }
        }
    }

    public bool HasLeftovers(IReadOnlyCollection<string> runnerIds) => runnerIds.Select(RunnerDirectory).Any(Directory.Exists) || networks.HasLeftovers(runnerIds);

    public async Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel)
    {
        await SweepAsync(runnerIds, cancel);
        // What the first call would otherwise wait for.
        if ((await runtimes.FindAsync()).Error is { } error)
            Log.NotUsable(logger, error);
        else if (await networks.PrepareAsync() is { } missing)
            Log.NotUsable(logger, missing);
    }

    /// <summary>The runner has stopped, and its containers are gone: the kernel is not left with groups of nothing.</summary>
    public void Dispose()
    {
        if (_runners.IsEmpty)
            return;
        var groups = runtimes.FindGroups();
        foreach (var runnerId in _runners.Keys)
            groups.RemoveRunner(runnerId);
    }

    /// <summary>Removes what these runners left, and prepares nothing: for a runner whose containers another driver makes.</summary>
    public async Task SweepAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel)
    {
        var groups = runtimes.FindGroups();
        foreach (var runnerId in runnerIds)
        {
            var directory = RunnerDirectory(runnerId);
            var places = Directory.Exists(directory) ? Directory.GetDirectories(directory) : [];
            // Each is a program or two; a runner that was killed may leave hundreds.
            await Parallel.ForEachAsync(
                places.Select(path => Path.GetFileName(path)).Union(groups.ContainersOf(runnerId)).ToList(),
                new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancel },
                async (id, _) => await RemoveLeftoverAsync(groups, runnerId, id));
            RemoveEmpty(directory);
            groups.RemoveRunner(runnerId);
        }
        await networks.RemoveLeftoversAsync(runnerIds);
        images.RemoveLeftovers();
    }

    private CreateOutcome Create(ContainerSpec spec, RuntimeSetup setup, MountedImage image, ContainerNetwork? network)
    {
        if (image.Config.Command.Count == 0)
            return Failed("the image names no program to run");
        if ((runner.Value.UseImageUser ? image.User : ContainerUser.Default) is not { } user)
            return Failed($"the image does not say who its user {image.Config.User} is ({ImageUserSetting})");
        if (containers.Value.Cpus is not null && !setup.Cgroups.Limits(Cgroups.Processor) && !runner.Value.AllowUnlimited)
            return Failed($"{ContainerOptions.Section}:{nameof(ContainerOptions.Cpus)} cannot be enforced here: there is no cgroup controller of processors that can be written");
        var place = new ContainerPlace(Path.Combine(RunnerDirectory(spec.RunnerId), spec.Id));
        _runners.TryAdd(spec.RunnerId, true);
        try
        {
            Directory.CreateDirectory(place.Directory);
            var root = containers.Value.ReadOnlyRoot ? image.Root : place.MakeWritableRoot(image.Layers);
            new RuntimeConfig(image.Config, user, containers.Value, setup.Cgroups, setup.Init).Write(place.ConfigFile, spec, root, network, FilesOf(network, image));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            place.Remove(logger);
            return Failed(e.Message);
        }
        return new CreateOutcome(new OciContainer(spec.Id, spec.RunnerId, spec.SocketDirectory is null, place, setup, image, network, time, logger), null);
    }

    /// <summary>What tells a container of its network. An image that has no such file, but a link, does without.</summary>
    private static IEnumerable<(string Target, string Source)> FilesOf(ContainerNetwork? network, MountedImage image)
    {
        if (network is not null && image.HasPlainFile("etc", "hosts"))
            yield return ("/etc/hosts", network.Hosts);
        if (network is not null && image.HasPlainFile("etc", "resolv.conf"))
            yield return ("/etc/resolv.conf", network.Resolver);
    }

    /// <summary>
    /// By the runtime that made it, which may not be the one that is used now; where that is gone or fails, by its group. What is still there after that is
    /// not forgotten: its place stays for the next start.
    /// </summary>
    private async Task RemoveLeftoverAsync(Cgroups groups, string runnerId, string id)
    {
        var place = new ContainerPlace(Path.Combine(RunnerDirectory(runnerId), id));
        var error = place.FindKind() is not { } kind
            ? await groups.GroupOf(runnerId, id).RemoveAsync() ? null : "no runtime knows of it, and it cannot be killed"
            : await runtimes.FindKindAsync(kind) is { } setup
                ? await setup.RemoveAsync(place, runnerId, id)
                : await groups.GroupOf(runnerId, id).RemoveAsync() && groups.HoldContainers ? null : $"{kind} made it, and is not there any more";
        if (error is not null)
        {
            Log.LeftoverStays(logger, id, error);
            return;
        }
        place.Remove(logger);
        Log.LeftoverRemoved(logger, id);
    }

    private static void RemoveEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (DirectoryNotFoundException)
        {
            // There was none.
        }
        catch (IOException)
        {
            // Something could not be removed, and was logged.
        }
    }

    private string RunnerDirectory(string runnerId) => Path.Combine(store.Root, "runners", runnerId);

    private static CallFailure Failed(string detail) => new(CallError.StartFailed) { Detail = detail };

    private static partial class Log
    {
        [LoggerMessage(2535, LogLevel.Information, "Container {ContainerId} of an earlier run was removed")]
        public static partial void LeftoverRemoved(ILogger logger, string containerId);

        [LoggerMessage(2536, LogLevel.Warning, "Container {ContainerId} of an earlier run is not removed, and will be tried again at the next start: {Reason}")]
        public static partial void LeftoverStays(ILogger logger, string containerId, string reason);

        [LoggerMessage(2537, LogLevel.Warning, "Functions of images cannot run: {Reason}. It is looked for again with each such call.")]
        public static partial void NotUsable(ILogger logger, string reason);
    }
}
