using Fn.ServiceDefaults.Hosting;
using Xunit;

namespace Fn.Tests.Api.Store;

[Collection(PostgresRuns.Name)]
public sealed class PostgresStartupTests(PostgresServer server)
{
    [Fact]
    public async Task Start_SeveralGatewaysOnAnEmptyDatabase_ShareIt()
    {
        Require();
        var connection = $"--ConnectionStrings:fndb={await server.CreateDatabaseAsync()}";

        var gateways = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestGateway.StartedAsync(connection)));

        var app = await gateways[0].Client.PostAsync("/v2/apps", """{"name":"shared"}""");
        foreach (var gateway in gateways)
        {
            Assert.Equal(app.Body, (await gateway.Client.GetAsync($"/v2/apps/{app["id"]}")).Body);
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Start_DatabaseThatIsNotThere_SaysSo()
    {
        Require();

        var thrown = await Assert.ThrowsAsync<FnStartException>(() => TestGateway.StartedAsync($"--ConnectionStrings:fndb={server.Connection("none")}"));

        Assert.Equal("ConnectionStrings:fndb: database \"none\" does not exist", thrown.Message);
    }

    [Fact]
    public async Task Restart_OfTheGateway_FindsWhatThereWas()
    {
        Require();
        await using var gateway = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={await server.CreateDatabaseAsync()}");
        var app = await gateway.Client.PostAsync("/v2/apps", """{"name":"kept","config":{"a":"b"}}""");
        await gateway.StopAsync();

        await gateway.StartAsync();

        Assert.Equal(app.Body, (await gateway.Client.GetAsync($"/v2/apps/{app["id"]}")).Body);
    }

    private static void Require() => Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
}
