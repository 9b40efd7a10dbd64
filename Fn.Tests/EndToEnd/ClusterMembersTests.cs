using Fn.ServiceDefaults.Cluster;
using Fn.Tests.Api.Store.Postgres;
using Fn.Tests.ServiceDefaults.Registry;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Who may be a member of a cluster, and what becomes of those who find no Redis, another key, or somebody in their place.</summary>
public sealed class ClusterMembersTests(PostgresServer postgres)
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Fn.Api")]
    [InlineData("Fn.Runner")]
    public async Task Start_NoRedis_ListensAndIsUnhealthyUntilThereIsOne(string service)
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.StopAsync();
        await using var process = await StartAsync(service, $"{redis.Address},connectTimeout=500");
        using var http = Cluster.Client(process);
        Assert.Equal(503, await StatusAsync(http, "/health"));
        Assert.Equal(200, await StatusAsync(http, "/alive"));

        await redis.StartAgainAsync();

        await Eventually.HoldsAsync(async () => await StatusAsync(http, "/health") == 200, "it has the registry");
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task Start_WrongPassword_SaysSoAndIsUnhealthy()
    {
        await using var redis = await RedisServer.StartAsync("the right one");
        await using var process = await StartAsync("Fn.Runner", $"{redis.Address.Split(',')[0]},password=wrong,connectTimeout=500");
        using var http = Cluster.Client(process);

        Assert.Equal(503, await StatusAsync(http, "/health"));
        await Eventually.HoldsAsync(() => process.Output.Contains("The registry is not reached", StringComparison.Ordinal), "it says that it has no registry");
        Assert.Contains("Redis cannot be used: it refuses the password of ConnectionStrings:redis", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("password=wrong", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SecondGatewayOnSqlite_RefusesAndSaysWhatItNeeds()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync("Fn.Api", redis.Address, "first");

        await using var second = await ServiceProcess.RunAsync("Fn.Api", Settings(redis.Address, "second"));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("several gateways need ConnectionStrings:fndb", second.Output, StringComparison.Ordinal);
        // The first one starts again at once, even if it was killed.
        await first.KillAsync();
        await using var again = await StartAsync("Fn.Api", redis.Address, "first");
        using var http = Cluster.Client(again);
        await Eventually.HoldsAsync(async () => await StatusAsync(http, "/health") == 200, "it is well");
    }

    [Fact]
    public async Task Start_SecondGatewayOnSqliteFindsOutLater_StopsAndSaysWhatItNeeds()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.StopAsync();
        await using var first = await StartAsync("Fn.Api", $"{redis.Address},connectTimeout=300", "first");
        await using var second = await StartAsync("Fn.Api", $"{redis.Address},connectTimeout=300", "second");

        await redis.StartAgainAsync();
        await Task.WhenAny(first.WaitForExitAsync(), second.WaitForExitAsync()).WaitAsync(Cancel);

        var ended = Assert.Single(new[] { first, second }, process => process.HasExited);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("several gateways need ConnectionStrings:fndb", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RunnerThatNobodyCanReach_StopsAndSaysWhatToSet()
    {
        await using var redis = await RedisServer.StartAsync();
        var socket = Path.Combine(_directory.FullName, "runner.sock");

        await using var runner = await ServiceProcess.RunAsync("Fn.Runner", [.. Settings(redis.Address, "runner"), $"--urls=http://unix:{socket}"]);

        Assert.Equal(1, runner.ExitCode);
        Assert.Contains("Set Fn:Runner:AdvertiseAddress.", runner.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_TwoRunnersOnOneDirectory_AreTwo()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync("Fn.Runner", redis.Address, "same");
        await using var two = await StartAsync("Fn.Runner", redis.Address, "same");
        await using var gateway = await StartAsync("Fn.Api", redis.Address, "gateway");
        using var http = Cluster.Client(gateway);

        await Eventually.HoldsAsync(async () => (await http.GetStringAsync(new Uri("/v2/runners", UriKind.Relative), Cancel)).Split("\"id\":").Length == 3, "the gateway knows both");
    }

    [Fact]
    public async Task Key_GatewayHasAnother_NeitherUsesTheOtherAndTheLogSaysWhy()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var runner = await StartAsync("Fn.Runner", redis.Address, "runner");
        await using var gateway = await StartAsync("Fn.Api", redis.Address, "gateway", "--Fn:Cluster:Key=quite another key", $"--Fn:Runners={runner.Address.GetLeftPart(UriPartial.Authority)}");
        using var http = Cluster.Client(gateway);
        using var app = await http.PostAsync(new Uri("/v2/apps", UriKind.Relative), new StringContent("""{"name":"a"}"""), Cancel);
        var appId = System.Text.Json.JsonDocument.Parse(await app.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("id").GetString();
        using var made = await http.PostAsync(new Uri("/v2/fns", UriKind.Relative), new StringContent($$"""{"app_id":"{{appId}}","name":"f","image":"i:1"}"""), Cancel);
        var function = System.Text.Json.JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("id").GetString()!;

        var outcome = await CallOutcome.OfAsync(http, function, null);

        Assert.Equal(503, outcome.Status);
        Assert.Contains("refuses this gateway: it has another Fn:Cluster:Key", gateway.Output, StringComparison.Ordinal);
        Assert.Contains("it was not signed with this gateway's Fn:Cluster:Key", gateway.Output, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => runner.Output.Contains("it was not made with this runner's Fn:Cluster:Key", StringComparison.Ordinal), "the runner says whom it refused");
    }

    [Fact]
    public async Task Registry_ForgedEntries_AreIgnored()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 1, runners: 1);
        var function = await cluster.CreateAsync("f");
        var forged = new ClusterKey("a key that somebody made up").SignRunner("forged", "http://127.0.0.1:1");

        await cluster.Redis.AskAsync(async (redis, _) =>
        {
            await redis.SetAddAsync("fn:runners", "forged");
            await redis.StringSetAsync("fn:{forged}:runner", $$"""{"id":"forged","ep":"e","seq":1,"addr":"http://127.0.0.1:1","mac":"{{forged}}","mem":99999999999}""");
            await redis.PublishAsync(RedisChannel.Literal("fn:reports"), """{"r":{"id":"nomac","ep":"e","seq":1,"addr":"http://127.0.0.1:1","mem":99999999999},"full":true}""");
            return await redis.PublishAsync(RedisChannel.Literal("fn:reports"), $$"""{"r":{"id":"forged","ep":"e","seq":2,"addr":"http://127.0.0.1:1","mac":"{{forged}}","mem":99999999999},"full":true}""");
        });
        // One that starts now reads what stands there.
        cluster.Gateways.Add(await cluster.StartGatewayAsync(1));
        cluster.Clients.Add(Cluster.Client(cluster.Gateways[1]));
        await cluster.HasRunnersAsync(1);

        Assert.Equal(200, (await cluster.CallAsync(0, function)).Status);
        Assert.Equal(200, (await cluster.CallAsync(1, function)).Status);
        await cluster.HasRunnersAsync(1);
    }

    [Fact]
    public async Task Call_AMegabyteOfConfig_RunsOnARunnerThatWasTold()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 1, runners: 1);
        var config = Enumerable.Range(0, 16).ToDictionary(i => $"LARGE_{i}", _ => new string('x', 64 * 1024));
        var function = await cluster.CreateAsync("large", config: config);

        Assert.Equal((200, "cold"), (await cluster.CallAsync(0, function)) is var outcome ? (outcome.Status, outcome.Start) : default);
    }

    private async Task<ServiceProcess> StartAsync(string service, string redis, string name = "data", params string[] settings) =>
        await ServiceProcess.StartAsync(service, [.. Settings(redis, name), .. settings]);

    private string[] Settings(string redis, string name) =>
    [
        "--urls=http://127.0.0.1:0",
        $"--ConnectionStrings:redis={redis}",
        $"--Fn:Cluster:Key={Cluster.Key}",
        "--Fn:Cluster:Lease=3s",
        $"--Fn:DataDirectory={Path.Combine(_directory.FullName, name)}",
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
    ];

    private static async Task<int> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return (int)answer.StatusCode;
    }
}
