using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>Images that a Docker engine has, run without it.</summary>
[Collection(DockerRuns.Name)]
public sealed class EngineImagesTests(DockerEngineFixture docker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_ImageOfAnEngine_RunsWithARuntimeAndIsUnpackedOnce()
    {
        docker.Require();
        var image = await docker.Images.ShellAsync("echo from the engine");
        var data = Directory.CreateDirectory($"/dev/shm/fn-oci-{Guid.NewGuid():N}").FullName;
        using (var driver = new OciTestDriver(data, "auto", host: docker.Host))
        {
            Assert.Null(await driver.Driver.PullAsync(image, Cancel));
            var layers = Directory.GetDirectories($"{data}/oci/layers");
            for (var i = 0; i < 2; i++)
            {
                var (container, failure) = await driver.Driver.CreateAsync(Spec(image), Cancel);
                Assert.Null(failure);
                Assert.Null(await container!.StartAsync(Cancel));
                using var output = new StreamReader(container.Output);
                Assert.Equal("from the engine\n", await output.ReadToEndAsync(Cancel));
                await container.RemoveAsync();
            }
            Assert.Equal(layers, Directory.GetDirectories($"{data}/oci/layers"));
            Assert.Equal(CallError.PullFailed, (await driver.Driver.PullAsync("localhost:1/no/such:image", Cancel))!.Error);
        }
        Directory.Delete(data, recursive: true);
    }

    private static ContainerSpec Spec(string image) => new()
    {
        Id = FnId.New(TimeProvider.System),
        RunnerId = "5d1b5f3c-0000-0000-0000-0000000000aa",
        Function = TestSpecs.Function(image, FunctionFormat.Http, memoryMiB: 64),
        Environment = new Dictionary<string, string>(),
    };
}
