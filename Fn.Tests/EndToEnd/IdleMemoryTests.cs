using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A process that has nothing to do gives memory back, and serves calls after that as before.</summary>
public sealed class IdleMemoryTests
{
    [Fact]
    public async Task Service_DoesNothing_GivesMemoryBack()
    {
        var data = Directory.CreateTempSubdirectory("fn-idle-");
        try
        {
            await using var service = await ServiceProcess.StartAsync(
                "Fn.Api", "--urls=http://127.0.0.1:0", $"--Fn:DataDirectory={data.FullName}", "--Fn:IdleMemory:After=1s", "--Logging:LogLevel:Fn.ServiceDefaults.Hosting.IdleMemory=Debug");

            await Eventually.HoldsAsync(() => service.Output.Contains("MiB of memory back", StringComparison.Ordinal), "memory was given back");

            using var http = new HttpClient();
            Assert.Equal("{\"items\":[]}", await http.GetStringAsync(new Uri(service.Address, "/v2/apps"), TestContext.Current.CancellationToken));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }
}
