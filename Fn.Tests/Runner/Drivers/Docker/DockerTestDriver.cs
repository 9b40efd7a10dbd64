using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Docker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>A driver on an engine, with all it needs.</summary>
internal sealed class DockerTestDriver : IDisposable
{
    private readonly DockerEngine _engine;
    private readonly DockerEvents _events;

    public DockerTestDriver(string host, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var options = Options.Create(new DockerOptions { Host = host });
        _engine = new DockerEngine(options, clock);
        _events = new DockerEvents(_engine, clock, NullLogger<DockerEvents>.Instance);
        Images = new DockerImages(_engine, _events, new DockerCredentials(clock, NullLogger<DockerCredentials>.Instance));
        Driver = new DockerDriver(
            _engine, Images, _events, Options.Create(new ContainerOptions()), options, Options.Create(new RunnerOptions()), clock, NullLogger<DockerDriver>.Instance);
    }

    public DockerDriver Driver { get; }

    public DockerImages Images { get; }

    public void Dispose()
    {
        Driver.Dispose();
        _events.Dispose();
        _engine.Dispose();
    }
}
