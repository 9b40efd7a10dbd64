using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Api.Store.Postgres;
using Fn.Tests.Functions;
using Fn.Tests.ServiceDefaults.Registry;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Gateways and runners in processes of their own that find each other through a real Redis and share a real PostgreSQL.</summary>
internal sealed partial class Cluster : IAsyncDisposable
{
    public const string Key = "the key of this test's cluster";

    /// <summary>Short, so that tests need not wait long for it to run out.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-cluster-");
    private readonly string[] _settings;
    private string? _database;
    private string? _appId;

    private Cluster(RedisServer redis, string[] settings) => (Redis, _settings) = (redis, settings);

    public RedisServer Redis { get; }

    public List<ServiceProcess> Gateways { get; } = [];

    public List<ServiceProcess> Runners { get; } = [];

    public List<HttpClient> Clients { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="postgres">Where the gateways' common store is.</param>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="runners">How many runners.</param>
    /// <param name="settings">Settings of every process, <c>--Fn:Key=value</c>.</param>
    public static async Task<Cluster> StartAsync(PostgresServer postgres, int gateways, int runners, params string[] settings)
    {
        var cluster = new Cluster(await RedisServer.StartAsync(), settings) { _database = await postgres.CreateDatabaseAsync() };
        var starting = Enumerable.Range(0, runners).Select(i => cluster.StartRunnerAsync(i)).ToList();
        // The first one makes the tables.
        for (var i = 0; i < gateways; i++)
        {
            cluster.Gateways.Add(await cluster.StartGatewayAsync(i));
            cluster.Clients.Add(Client(cluster.Gateways[i]));
        }
        cluster.Runners.AddRange(await Task.WhenAll(starting));
        await cluster.HasRunnersAsync(runners);
        return cluster;
    }

    public Task<ServiceProcess> StartRunnerAsync(int number, params string[] settings) =>
        ServiceProcess.StartAsync("Fn.Runner", [.. Settings($"runner{number}"), $"--Fn:Runner:ProcessRoots:0={FaultyFunction.Root}", .. settings]);

    public Task<ServiceProcess> StartGatewayAsync(int number, params string[] settings) =>
        ServiceProcess.StartAsync("Fn.Api", [.. Settings($"gateway{number}"), $"--ConnectionStrings:fndb={_database}", .. settings]);

    /// <summary>Starts a gateway again that has ended, and connects to it.</summary>
    public async Task RestartGatewayAsync(int number)
    {
        await Gateways[number].DisposeAsync();
        Gateways[number] = await StartGatewayAsync(number);
        Clients[number].Dispose();
        Clients[number] = Client(Gateways[number]);
    }

    /// <summary>Starts a runner again that has ended, on the same data directory.</summary>
    public async Task RestartRunnerAsync(int number)
    {
        await Runners[number].DisposeAsync();
        Runners[number] = await StartRunnerAsync(number);
    }

    /// <summary>Creates the faulty function in the cluster's one app.</summary>
    public async Task<string> CreateAsync(string name, int memoryMiB = 64, int idleTimeout = 300, IReadOnlyDictionary<string, string>? config = null, int? maxContainers = null)
    {
        _appId ??= (await PostAsync("/v2/apps", new JsonObject { ["name"] = "test" }))["id"]!.GetValue<string>();
        var all = new JsonObject();
        foreach (var (key, value) in FaultyFunction.Config.Concat(config ?? new Dictionary<string, string>()))
            all[key] = value;
        var function = await PostAsync("/v2/fns", new JsonObject
        {
            ["app_id"] = _appId,
            ["name"] = name,
            ["image"] = FaultyFunction.Image,
            ["format"] = FunctionFormat.Http,
            ["memory"] = memoryMiB,
            ["idle_timeout"] = idleTimeout,
            ["config"] = all,
            ["annotations"] = maxContainers is null ? [] : new JsonObject { ["fn.max_containers"] = maxContainers },
        });
        return function["id"]!.GetValue<string>();
    }

    public async Task<string[]> CreateManyAsync(int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
            ids[i] = await CreateAsync($"f{i}");
        return ids;
    }

    public Task<CallOutcome> CallAsync(int gateway, string function, string behaviour = "echo") => CallOutcome.OfAsync(Clients[gateway], function, behaviour);

    /// <summary>What a gateway knows of the runners.</summary>
    public async Task<List<RunnerSeen>> SeenByAsync(int gateway) =>
        (await Clients[gateway].GetFromJsonAsync<RunnersSeen>(new Uri("/v2/runners", UriKind.Relative), JsonSerializerOptions.Web, Cancel))!.Items;

    /// <summary>Completes when every gateway knows so many runners.</summary>
    public Task HasRunnersAsync(int count) => Eventually.HoldsAsync(async () =>
    {
        for (var i = 0; i < Gateways.Count; i++)
        {
            if ((await SeenByAsync(i)).Count != count)
                return false;
        }
        return true;
    }, $"every gateway knows {count} runners");

    /// <summary>The functions that have a container, idle or busy, as a gateway sees it; a function once for each container.</summary>
    public async Task<List<string>> HotAsync(int gateway) =>
        [.. (await SeenByAsync(gateway)).SelectMany(runner => runner.Hot).SelectMany(pool => Enumerable.Repeat(pool.FnId, pool.Idle + pool.Busy))];

    /// <summary>What a runner says of itself: function, idle and busy containers, of those that are hot.</summary>
    public async Task<List<(string FnId, int Idle, int Busy)>> TruthAsync(RunnerSeen runner)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(runner.Address), RunnerWire.StatusPath));
        request.Headers.Add(RunnerWire.Mac, new ClusterKey(Key).SignRequest(runner.Id, "GET", RunnerWire.StatusPath));
        using var answer = await Clients[0].SendAsync(request, Cancel);
        var status = await answer.Content.ReadFromJsonAsync(WireJson.Default.RunnerStatus, Cancel);
        return [.. status!.Pools.Where(pool => pool.Idle + pool.Busy > 0).Select(pool => (pool.FunctionId, pool.Idle, pool.Busy)).Order()];
    }

    public static void Signal(ServiceProcess process, int signal) => Assert.Equal(0, SendSignal(process.Id, signal));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in Clients)
            client.Dispose();
        await Task.WhenAll(Gateways.Concat(Runners).Select(process => process.DisposeAsync().AsTask()));
        await Redis.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    public static HttpClient Client(ServiceProcess gateway) =>
        new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1000 }) { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(5) };

    private string[] Settings(string name) =>
    [
        "--urls=http://127.0.0.1:0",
        $"--ConnectionStrings:redis={Redis.Address},connectTimeout=1000",
        $"--Fn:Cluster:Key={Key}",
        $"--Fn:Cluster:Lease={Lease.TotalSeconds}s",
        $"--Fn:DataDirectory={Path.Combine(_directory.FullName, name)}",
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
        .. _settings,
    ];

    private async Task<JsonNode> PostAsync(string path, JsonObject body)
    {
        using var answer = await Clients[0].PostAsync(new Uri(path, UriKind.Relative), JsonContent.Create(body, options: JsonSerializerOptions.Web), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}

/// <summary>The answer of <c>/v2/runners</c>.</summary>
internal sealed record RunnersSeen(List<RunnerSeen> Items);

internal sealed record RunnerSeen(string Address, string Id, bool Draining, long Calls, List<PoolSeen> Hot);

internal sealed record PoolSeen([property: System.Text.Json.Serialization.JsonPropertyName("fn_id")] string FnId, int Idle, int Busy, int Starting, int Waiting, [property: System.Text.Json.Serialization.JsonPropertyName("used_ago")] long UsedAgo);
