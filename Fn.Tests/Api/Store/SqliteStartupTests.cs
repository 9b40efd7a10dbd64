using Fn.Api.Store;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Fn.Tests.Api.Store;

public sealed class SqliteStartupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_SameDirectory_KeepsEverything()
    {
        await using var gateway = await TestGateway.StartedAsync();
        var created = await gateway.Client.PostAsync("/v2/apps", """{"name":"kept"}""");
        await gateway.StopAsync();
        await gateway.StartAsync();
        Assert.Equal(created.Body, (await gateway.Client.GetAsync("/v2/apps/" + created["id"])).Body);
    }

    [Fact]
    public async Task Start_DirectoryThatIsNotThere_IsMade()
    {
        var directory = Path.Combine(Path.GetTempPath(), "fn-test-" + Guid.NewGuid().ToString("N"), "deep");
        await using (await TestGateway.StartedAsync($"--Fn:DataDirectory={directory}"))
            Assert.True(File.Exists(Path.Combine(directory, "fn.db")));
        Directory.Delete(Path.GetDirectoryName(directory)!, recursive: true);
    }

    [Fact]
    public async Task Start_DirectoryInUse_IsRefusedNamingTheSetting()
    {
        await using var first = await TestGateway.StartedAsync();
        await using var second = new TestGateway($"--Fn:DataDirectory={first.DataDirectory}");
        var failure = await Assert.ThrowsAsync<FnStartException>(second.StartAsync);
        Assert.Contains("Fn:DataDirectory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AfterAProcessThatDiedWhileMigrating_GoesOn()
    {
        await using var gateway = new TestGateway();
        await ExecuteAsync(gateway, "CREATE TABLE \"__EFMigrationsLock\" (Id INTEGER PRIMARY KEY, Timestamp TEXT); INSERT INTO \"__EFMigrationsLock\" VALUES (1, 'then')");
        await gateway.StartAsync();
        Assert.Equal(200, (await gateway.Client.GetAsync("/v2/apps")).Status);
    }

    [Fact]
    public async Task Start_DatabaseOfANewerVersion_IsRefused()
    {
        await using var gateway = await TestGateway.StartedAsync();
        await ExecuteAsync(gateway, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_Future', '99')");
        await gateway.StopAsync();
        var failure = await Assert.ThrowsAsync<FnStartException>(gateway.StartAsync);
        Assert.Contains("99990101000000_Future", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Database_IsInWalMode()
    {
        await using var gateway = await TestGateway.StartedAsync();
        Assert.Equal("wal", await ExecuteAsync(gateway, "PRAGMA journal_mode"));
    }

    [Fact]
    public async Task HealthCheck_Store_IsUnhealthyWithoutItsTables()
    {
        await using var gateway = await TestGateway.StartedAsync();
        var check = ActivatorUtilities.CreateInstance<StoreHealthCheck>(gateway.Services);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status);
        await ExecuteAsync(gateway, "DROP TABLE triggers; DROP TABLE fns; DROP TABLE apps");
        Assert.Equal(HealthStatus.Unhealthy, (await check.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status);
    }

    private static async Task<object?> ExecuteAsync(TestGateway gateway, string sql)
    {
        var file = Path.Combine(gateway.DataDirectory, "fn.db");
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancel);
    }
}
