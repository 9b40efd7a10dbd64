using Fn.Runner.Drivers.Docker;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers;

/// <summary>
/// The driver of images that is found: a Docker engine that answers when the runner starts, else an OCI runtime that can be used, else Docker, whose engine may
/// be there later. Decided once: a runner's containers are all of one kind.
/// </summary>
internal sealed partial class FoundDriver(DockerDriver docker, DockerEngine engine, OciDriver oci, RuntimeFinder runtimes, ILogger<FoundDriver> logger) : IContainerDriver
{
    private volatile IContainerDriver _chosen = docker;

    public string Name => _chosen.Name;

    public bool SeesMounts => _chosen.SeesMounts;

    public TimeSpan TypicalStart => _chosen.TypicalStart;

    public bool Runs(string image) => !ProcessImage.Matches(image);

    public ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => _chosen.PullAsync(image, cancel);

    public ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel) => _chosen.CreateAsync(spec, cancel);

    public async Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel)
    {
        var engineThere = (await engine.CallAsync((client, limited) => client.System.PingAsync(limited), cancel)).Error is null;
        if (!engineThere && (await runtimes.FindAsync()).Setup is { } setup)
        {
            _chosen = oci;
            Log.ByRuntime(logger, engine.Host, setup.Program);
        }
        else if (oci.HasLeftovers(runnerIds))
        {
            // There was no engine when they were made.
            await oci.SweepAsync(runnerIds, cancel);
        }
        await _chosen.RemoveLeftoversAsync(runnerIds, cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(2526, LogLevel.Information, "No Docker engine at {Host}: functions of images are run by {Runtime}. Fn:Runner:ContainerDriver says otherwise")]
        public static partial void ByRuntime(ILogger logger, string host, RuntimeProgram runtime);
    }
}
