using Fn.Api.Examples;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Xunit;

namespace Fn.Tests.Examples;

public sealed class ExampleDeployerTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("fn examples ").FullName;
    private readonly FakeExampleTarget _target = new();
    private readonly FakeLogger<ExampleDeployer> _logger = new();

    public void Dispose() => Directory.Delete(_top, recursive: true);

    [Fact]
    public async Task StartedAsync_ProjectAndScript_CreatesBothAndPrintsALineEach()
    {
        Write("examples/hello/func.yaml", "name: hi\nformat: http\nmemory: 64\ntimeout: 10\nidle_timeout: 20\nconfig: {A: b}\nversion: 1.2.3\ntests: [{name: x, in: it's me}]");
        Write("bin/hello/debug/hello", "");
        Write("examples/shout/func.yaml", "entrypoint: ./func.sh");
        Write("examples/shout/func.sh", "");
        Write("examples/README.md", "");

        await DeployAsync();

        var (hello, shout) = (_target.Functions[0], _target.Functions[1]);
        Assert.Equal(("hi", $"process:\"{_top}/bin/hello/debug/hello\"", "http"), (hello.Name, hello.Image, hello.Format));
        Assert.Equal((64, 10, 20, "b"), (hello.MemoryMiB, hello.TimeoutSeconds, hello.IdleTimeoutSeconds, hello.Config["A"]));
        Assert.True(File.Exists(Path.Combine(hello.Config["DOTNET_ROOT"], "host", "fxr", Environment.Version.ToString(), "libhostfxr.so")));
        Assert.Equal(("shout", $"process:\"{_top}/examples/shout/func.sh\"", null), (shout.Name, shout.Image, shout.Format));
        Assert.Empty(shout.Config);
        Assert.Equal(
            """
            The functions of app examples can be called:
            curl -i -d 'it'\''s me' http://127.0.0.1:9000/invoke/id-of-hi   # hi
            curl -i -X POST http://127.0.0.1:9000/invoke/id-of-shout   # shout
            """,
            Assert.Single(_logger.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task StartedAsync_NotBuilt_WarnsAndCreatesTheOthers()
    {
        Write("examples/hello/func.yaml", "name: hello");
        Write("examples/shout/func.yaml", "entrypoint: ./func.sh");
        Write("examples/shout/func.sh", "");

        await DeployAsync();

        Assert.Equal(["shout"], _target.Functions.Select(function => function.Name));
        var warning = Assert.Single(_logger.Collector.GetSnapshot(), record => record.Level == LogLevel.Warning);
        Assert.Contains($"{_top}/bin/hello/debug/hello", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartedAsync_FileNotReadable_WarnsAndCreatesTheOthers()
    {
        Write("examples/broken/func.yaml", "memory: lots");
        Write("examples/shout/func.yaml", "entrypoint: ./func.sh");
        Write("examples/shout/func.sh", "");

        await DeployAsync();

        Assert.Equal(["shout"], _target.Functions.Select(function => function.Name));
        var warning = Assert.Single(_logger.Collector.GetSnapshot(), record => record.Level == LogLevel.Warning);
        Assert.Contains($"{_top}/examples/broken/func.yaml", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NoExamplesOnTheWayUp_IsNull()
    {
        Write("elsewhere/examples/README.md", "");

        Assert.Null(ExampleFolders.Find(Path.Combine(_top, "elsewhere"), $"{_top}/bin/Fn.Api/debug/"));
    }

    private Task DeployAsync()
    {
        var folders = ExampleFolders.Find(Path.Combine(_top, "Fn.Api"), $"{_top}/bin/Fn.Api/debug/");
        return new ExampleDeployer(folders!, _target, new FakeServer("http://0.0.0.0:9000"), _logger).StartedAsync(TestContext.Current.CancellationToken);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_top, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private sealed class FakeServer : IServer
    {
        public FakeServer(string address)
        {
            var addresses = new ServerAddressesFeature();
            addresses.Addresses.Add(address);
            Features.Set<IServerAddressesFeature>(addresses);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
