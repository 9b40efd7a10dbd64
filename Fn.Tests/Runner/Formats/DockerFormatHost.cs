using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Formats;

/// <summary>Functions in containers of a Docker engine. Tests share what can be shared.</summary>
public sealed class DockerFormatHost(DockerEngineFixture docker) : FormatHost, IAsyncLifetime
{
    private DockerTestDriver? _driver;

    public override int ManyCalls => 500;

    internal override IContainerDriver Driver => _driver!.Driver;

    private protected override bool Keeps => true;

    public ValueTask InitializeAsync()
    {
        if (docker.Missing is null)
            _driver = new DockerTestDriver(docker.Host);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends a test where there is no engine.</summary>
    public DockerFormatHost Required()
    {
        docker.Require();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await EndKeptAsync();
        _driver?.Dispose();
    }

    internal override async ValueTask<FunctionSpec> FaultyAsync(string format, IReadOnlyDictionary<string, string> config, int memoryMiB) =>
        TestSpecs.Function(await docker.Images.FaultyAsync(), format, config, memoryMiB);

    internal override async ValueTask<FunctionSpec> ShellAsync(string format, string script, IReadOnlyDictionary<string, string>? config = null) =>
        TestSpecs.Function(await docker.Images.ShellAsync(script), format, config);

    internal override async ValueTask<FunctionSpec> EnvAsync(string format, IReadOnlyDictionary<string, string> config) =>
        TestSpecs.Function(await docker.Images.ShellAsync("true", "ENTRYPOINT [\"/bin/env\"]"), format, config);

    internal override string Inside(string socketDirectory) => ContainerSpec.SocketMount;
}
