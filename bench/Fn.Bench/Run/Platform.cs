using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;

namespace Fn.Bench.Run;

/// <summary>The platform as its operator starts it, with defaults but for what must be free on this machine, and functions to call: the bench's echo.</summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-bench-");
    private readonly List<ServiceProcess> _processes = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(3) };
    private string? _app;
    private int _created;

    private Platform()
    {
    }

    private ServiceProcess Gateway => _processes[^1];

    /// <summary>The process that calls are sent to.</summary>
    public int Id => Gateway.Id;

    /// <summary>One process that is gateway and runner.</summary>
    public static Task<Platform> StartEmbeddedAsync(CancellationToken cancel, params string[] settings) => StartAsync(
        platform => platform.LaunchAsync("Fn.Api", "gateway", [EchoProgram.Allowed, .. settings]), cancel);

    /// <summary>A gateway, and a runner in a process of its own.</summary>
    public static Task<Platform> StartPairAsync(CancellationToken cancel, params string[] settings) => StartAsync(
        async platform =>
        {
            await platform.LaunchAsync("Fn.Runner", "runner", [EchoProgram.Allowed, .. settings]);
            await platform.LaunchAsync("Fn.Api", "gateway", [$"--Fn:Runners:0={platform._processes[0].Address.GetLeftPart(UriPartial.Authority)}", .. settings]);
        },
        cancel);

    /// <summary>Makes functions, and calls the first one once: its container shall be there.</summary>
    /// <returns>Where they are called.</returns>
    public async Task<IReadOnlyList<Uri>> CreateAsync(int count, int memoryMiB, CancellationToken cancel, int idleSeconds = 300)
    {
        _app ??= await PostAsync("/v2/apps", new JsonObject { ["name"] = "bench" }, cancel);
        var functions = new List<Uri>();
        for (var i = 0; i < count; i++)
        {
            var id = await PostAsync("/v2/fns", new JsonObject
            {
                ["app_id"] = _app,
                ["name"] = $"echo{_created++}",
                ["image"] = "process:" + EchoProgram.Path,
                ["format"] = FunctionFormat.HttpStream,
                ["memory"] = memoryMiB,
                ["idle_timeout"] = idleSeconds,
            }, cancel);
            functions.Add(new Uri(Gateway.Address, "/invoke/" + id));
        }
        if (!await CallAsync(functions[0], cancel))
            throw new BenchException("The function did not answer as it should.");
        return functions;
    }

    /// <summary>Calls a function once.</summary>
    /// <returns>Whether it answered as it should.</returns>
    public async Task<bool> CallAsync(Uri function, CancellationToken cancel)
    {
        using var body = new StringContent(Wrk.SmallBody);
        using var answer = await _client.PostAsync(function, body, cancel);
        return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync(cancel) == Wrk.SmallBody;
    }

    /// <summary>Completes when so many processes of functions are there: the others have been idle for long enough.</summary>
    public Task HasContainersAsync(int count, CancellationToken cancel) => ProcessMemory.HasChildrenAsync(Id, count, cancel);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static async Task<Platform> StartAsync(Func<Platform, Task> launch, CancellationToken cancel)
    {
        var platform = new Platform();
        try
        {
            await launch(platform);
            await platform.HasRunnerAsync(cancel);
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    private async Task LaunchAsync(string program, string name, string[] settings) => _processes.Add(await ServiceProcess.StartAsync(program,
    [
        "--urls=http://127.0.0.1:0",
        $"--Fn:DataDirectory={Path.Combine(_directory.FullName, name)}",
        $"--Fn:Containers:SocketRoot={_directory.FullName}",
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
        .. settings,
    ]));

    private async Task HasRunnerAsync(CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (await tick.WaitForNextTickAsync(cancel))
        {
            var runners = await _client.GetFromJsonAsync<JsonObject>(new Uri(Gateway.Address, "/v2/runners"), cancel);
            if (runners?["items"]?.AsArray().Count == 1)
                return;
        }
    }

    private async Task<string> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri(Gateway.Address, path), body, cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancel))!["id"]!.GetValue<string>();
    }
}
