using System.Threading.Channels;
using Fn.Api.Invocation;
using Fn.Api.Store;
using Fn.ServiceDefaults.Hosting;
using Fn.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Fn.Tests.Api.Store.Postgres;

public sealed class PostgresStartupTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_SeveralGatewaysOnAnEmptyDatabase_AllStart()
    {
        var database = await server.CreateDatabaseAsync();
        var gateways = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}"), Cancel)));
        var created = await gateways[0].Client.PostAsync("/v2/apps", """{"name":"shared"}""");
        foreach (var gateway in gateways)
        {
            Assert.Equal(created.Body, (await gateway.Client.GetAsync("/v2/apps/" + created["id"])).Body);
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task OtherGatewaysWrite_KeptLookUps_AreForgotten()
    {
        var database = await server.CreateDatabaseAsync();
        await using var one = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}");
        await using var other = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}");
        var app = (await other.Client.PostAsync("/v2/apps", """{"name":"a"}"""))["id"];
        var function = (await other.Client.PostAsync("/v2/fns", $$"""{"app_id":"{{app}}","name":"f","image":"old"}"""))["id"]!;
        var resolver = one.Services.GetRequiredService<IFunctionResolver>();
        var heard = Channel.CreateUnbounded<StoreChange>();
        one.Services.GetRequiredService<StoreChanges>().Changed += change => heard.Writer.TryWrite(change);
        await resolver.ResolveAsync(function, Cancel);

        await other.Client.PutAsync("/v2/fns/" + function, """{"image":"new"}""");

        while ((await resolver.ResolveAsync(function, Cancel))?.Image != "new")
            await heard.Reader.ReadAsync(Cancel);
        await other.Client.DeleteAsync("/v2/apps/" + app);
        while (await resolver.ResolveAsync(function, Cancel) is not null)
            await heard.Reader.ReadAsync(Cancel);
    }

    [Fact]
    public async Task Start_DatabaseThatIsNotThere_IsRefusedAtOnceNamingIt()
    {
        await server.CreateDatabaseAsync();
        await using var gateway = new TestGateway($"--ConnectionStrings:fndb={server.Address("nosuch")};Password=secret");
        var failure = await Assert.ThrowsAsync<FnStartException>(gateway.StartAsync);
        Assert.Contains("ConnectionStrings:fndb", failure.Message, StringComparison.Ordinal);
        Assert.Contains("nosuch", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ServerThatNeverComes_IsRefusedAfterItsAttempts()
    {
        var time = new WaitlessTimeProvider();
        await using var gateway = new TestGateway(
            services => services.AddSingleton<TimeProvider>(time), "--ConnectionStrings:fndb=Host=127.0.0.1;Port=1;Database=fn;Username=fn");
        var failure = await Assert.ThrowsAsync<FnStartException>(gateway.StartAsync);
        Assert.StartsWith("ConnectionStrings:fndb: the database fn on 127.0.0.1:1 cannot be opened: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(9, time.Waits.Count(wait => wait == TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Password=secret")]
    [InlineData("Host=h;NoSuchWord=secret")]
    [InlineData("postgres://u:secret@h:port/db")]
    public async Task Start_AddressThatIsNone_IsRefusedWithoutRepeatingIt(string address)
    {
        await using var gateway = new TestGateway($"--ConnectionStrings:fndb={address}");
        var failure = await Assert.ThrowsAsync<FnStartException>(gateway.StartAsync);
        Assert.StartsWith("ConnectionStrings:fndb", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DatabaseOfANewerVersion_IsRefused()
    {
        var database = await server.CreateDatabaseAsync();
        await (await TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}")).DisposeAsync();
        await PostgresServer.ExecuteAsync(database, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_Future', '99')");
        await using var gateway = new TestGateway($"--ConnectionStrings:fndb={database}");
        var failure = await Assert.ThrowsAsync<FnStartException>(gateway.StartAsync);
        Assert.Contains("99990101000000_Future", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_EndedByTheServer_AreMadeAnew()
    {
        var database = (await server.CreateDatabaseAsync()).Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal);
        await using var gateway = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}");
        var app = await gateway.Client.PostAsync("/v2/apps", """{"name":"kept"}""");
        await PostgresServer.ExecuteAsync(server.Address("postgres"), $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name(database)}'");
        Assert.Equal(app.Body, (await gateway.Client.GetAsync("/v2/apps/" + app["id"])).Body);
    }

    [Fact]
    public async Task Database_GoneWhileRunning_Is500AndUnhealthy()
    {
        var database = await server.CreateDatabaseAsync();
        await using var gateway = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={database}");
        await PostgresServer.ExecuteAsync(server.Address("postgres"), $"DROP DATABASE {Name(database)} WITH (FORCE)");
        var answer = await gateway.Client.GetAsync("/v2/apps");
        Assert.Equal((500, "{\"message\":\"internal server error\"}\n"), (answer.Status, answer.Body));
        var check = ActivatorUtilities.CreateInstance<StoreHealthCheck>(gateway.Services);
        Assert.Equal(HealthStatus.Unhealthy, (await check.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status);
    }

    private static string Name(string address) => new Npgsql.NpgsqlConnectionStringBuilder(address).Database!;
}
