using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Docker;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>A driver with all it needs, on the data of the fixture.</summary>
internal sealed class OciTestDriver : IDisposable, IAsyncDisposable
{
    private readonly DockerEngine _engine;
    private readonly DockerEvents _events;

    public OciTestDriver(string data, string runtime, RunnerOptions? runner = null, ContainerOptions? containers = null, string host = "unix:///tmp/no-such-engine.sock", Func<Cgroups>? cgroups = null,
        OciOptions? oci = null, string runnerId = "none", long? maxStoreSize = null)
    {
        oci ??= new OciOptions();
        oci.Runtime = runtime;
        oci.MaxStoreSize = maxStoreSize ?? oci.MaxStoreSize;
        var options = Options.Create(oci);
        var folder = Options.Create(new DataOptions { DataDirectory = data });
        var docker = Options.Create(new DockerOptions { Host = host });
        var runnerOptions = Options.Create(runner ?? new RunnerOptions());
        _engine = new DockerEngine(docker, TimeProvider.System);
        _events = new DockerEvents(_engine, TimeProvider.System, NullLogger<DockerEvents>.Instance);
        var dockerImages = new DockerImages(_engine, _events, new DockerCredentials(TimeProvider.System, NullLogger<DockerCredentials>.Instance));
        Store = new ImageStore(folder, options, TimeProvider.System, NullLogger<ImageStore>.Instance);
        Images = new OciImages(Store, new EngineImages(_engine, dockerImages, _events, Store, options), folder, options, NullLogger<OciImages>.Instance);
        Runtimes = new RuntimeFinder(options, runnerOptions, cgroups ?? Cgroups.Find, NullLogger<RuntimeFinder>.Instance);
        Networks = new ContainerNetworks(options, Store, Runtimes, () => runnerId, Work, NullLogger<ContainerNetworks>.Instance);
        Driver = new OciDriver(Store, Images, Runtimes, Networks, Options.Create(containers ?? new ContainerOptions()), runnerOptions, TimeProvider.System, NullLogger<OciDriver>.Instance);
    }

    public ImageStore Store { get; }

    public OciImages Images { get; }

    public RuntimeFinder Runtimes { get; }

    public BackgroundWork Work { get; } = new(NullLogger<BackgroundWork>.Instance);

    public ContainerNetworks Networks { get; }

    public OciDriver Driver { get; }

    /// <summary>As a runner that stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await Work.WhenIdleAsync();
        await Networks.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        Driver.Dispose();
        Networks.Dispose();
        Images.Dispose();
        Runtimes.Dispose();
        _events.Dispose();
        _engine.Dispose();
    }
}
