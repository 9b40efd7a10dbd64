using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>
/// A whole platform in processes of its own, driven over HTTP as its users do: one gateway that is its own runner, or one gateway with runners beside it.
/// Everything it keeps is in one directory, which goes with it.
/// </summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-platform-");
    private readonly string[] _settings;
    private string? _appId;

    private Platform(string[] settings) => _settings = settings;

    public ServiceProcess Gateway { get; private set; } = null!;

    public List<ServiceProcess> Runners { get; } = [];

    public HttpClient Http { get; private set; } = null!;

    /// <summary>The gateway's database.</summary>
    public string Database => Path.Combine(_directory.FullName, "gateway", "fn.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="runners">How many runner processes; 0: the gateway runs functions itself.</param>
    /// <param name="settings">Settings of every process, <c>--Fn:Key=value</c>.</param>
    public static async Task<Platform> StartAsync(int runners = 0, params string[] settings)
    {
        var platform = new Platform(settings);
        for (var i = 0; i < runners; i++)
            platform.Runners.Add(await platform.StartRunnerAsync(i));
        await platform.StartGatewayAsync();
        return platform;
    }

    /// <summary>Starts a runner on a data directory that its number decides, so that a restarted one takes over from a dead one.</summary>
    public Task<ServiceProcess> StartRunnerAsync(int number, string url = "http://127.0.0.1:0") => ServiceProcess.StartAsync("Fn.Runner", Settings($"runner{number}", url));

    public async Task StartGatewayAsync()
    {
        string[] settings = [.. Settings("gateway", "http://127.0.0.1:0"), .. Runners.Select((runner, i) => $"--Fn:Runners:{i}={runner.Address}")];
        Gateway = await ServiceProcess.StartAsync("Fn.Api", settings);
        Http?.Dispose();
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1000 }) { BaseAddress = Gateway.Address, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>Creates a function in the platform's one app and returns its id.</summary>
    public async Task<string> CreateAsync(string name, string image, string format, int memoryMiB = 64, int timeout = 30, int idleTimeout = 30, JsonObject? config = null, int minHot = 0)
    {
        _appId ??= (await PostAsync("/v2/apps", new JsonObject { ["name"] = "test" }))["id"]!.GetValue<string>();
        var function = await PostAsync("/v2/fns", new JsonObject
        {
            ["app_id"] = _appId,
            ["name"] = name,
            ["image"] = image,
            ["format"] = format,
            ["memory"] = memoryMiB,
            ["timeout"] = timeout,
            ["idle_timeout"] = idleTimeout,
            ["config"] = config ?? [],
            ["min_hot"] = minHot,
        });
        return function["id"]!.GetValue<string>();
    }

    /// <summary>Changes what is named of a function.</summary>
    public async Task UpdateAsync(string id, JsonObject changes)
    {
        using var answer = await Http.PutAsync(new Uri($"/v2/fns/{id}", UriKind.Relative), JsonContent.Create(changes, options: JsonSerializerOptions.Web), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>Creates the function of <c>Functions/Faulty</c>, format http, which does what each call asks for.</summary>
    public Task<string> CreateFaultyAsync(string name = "faulty", int memoryMiB = 64, int timeout = 30, int idleTimeout = 30, int minHot = 0)
    {
        var config = new JsonObject();
        foreach (var (key, value) in FaultyFunction.Config)
            config[key] = value;
        return CreateAsync(name, FaultyFunction.Image, FunctionFormat.Http, memoryMiB, timeout, idleTimeout, config, minHot);
    }

    /// <summary>Calls a function. The answer's body is read.</summary>
    /// <param name="id">The function.</param>
    /// <param name="behaviour">What the faulty function shall do; null: whatever it does by itself.</param>
    /// <param name="body">The body.</param>
    public Task<CallResult> CallAsync(string id, string? behaviour = null, string body = "") => CallUnlessAsync(id, behaviour, body, CancellationToken.None);

    /// <summary>Calls a function, with a client that may leave before it is answered.</summary>
    public async Task<CallResult> CallUnlessAsync(string id, string? behaviour, string body, CancellationToken leave)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel, leave);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{id}") { Content = new StringContent(body) };
        if (behaviour is not null)
            request.Headers.Add(FaultyFunction.Header, behaviour);
        using var answer = await Http.SendAsync(request, ended.Token);
        return new CallResult(
            (int)answer.StatusCode,
            await answer.Content.ReadAsStringAsync(ended.Token),
            answer.Headers.TryGetValues("Fn-Start", out var start) ? start.Single() : null,
            answer.Headers.TryGetValues("Fn-Call-Id", out var id1) ? id1.First() : null,
            answer.Headers.TryGetValues("Fn-Limit", out var limit) ? limit.Single() : null,
            answer.Headers.TryGetValues("Retry-After", out var retry) ? int.Parse(retry.Single(), CultureInfo.InvariantCulture) : null,
            answer.Headers.TryGetValues("Fn-Runner", out var runner) ? runner.Single() : null);
    }

    /// <summary>What a runner says of itself.</summary>
    public async Task<RunnerStatus> StatusAsync(int runner = 0) => (await Http.GetFromJsonAsync(
        new Uri(Runners[runner].Address, RunnerWire.StatusPath), WireJson.Default.RunnerStatus, Cancel))!;

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (var runner in Runners)
            await runner.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private string[] Settings(string name, string url) =>
    [
        $"--urls={url}",
        $"--Fn:DataDirectory={Path.Combine(_directory.FullName, name)}",
        $"--Fn:Runner:ProcessRoots:0={FaultyFunction.Root}",
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
        .. _settings,
    ];

    private async Task<JsonNode> PostAsync(string path, JsonObject body)
    {
        using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), JsonContent.Create(body, options: JsonSerializerOptions.Web), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
