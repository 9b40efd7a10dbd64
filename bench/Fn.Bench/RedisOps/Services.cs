using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;

namespace Fn.Bench.RedisOps;

/// <summary>A gateway with what runs its calls, in processes of their own, and functions to call: the example <c>hello</c>.</summary>
internal sealed class Services : IAsyncDisposable
{
    private const int MemoryMiB = 64;

    // artifacts/bin/Fn.Bench/release → artifacts/bin
    private static readonly DirectoryInfo Programs = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Parent!;
    private static readonly string Hello = Path.Combine(Programs.FullName, "hello", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name, "hello");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-bench-");
    private readonly List<ServiceProcess> _processes = [];
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<Uri> _functions = [];
    private Uri _gateway = null!;
    private int _next;

    private Services()
    {
    }

    public Uri Gateway => _gateway;

    /// <summary>Processor time that the process which calls are sent to has used.</summary>
    public TimeSpan GatewayCpu
    {
        get
        {
            using var process = Process.GetProcessById(_processes[^1].Id);
            return process.TotalProcessorTime;
        }
    }

    public static async Task<Services> StartClusterAsync(RedisProcess redis, int runners, CancellationToken cancel)
    {
        var services = new Services();
        try
        {
            string[] shared = [$"--ConnectionStrings:redis={redis.Address}", "--Fn:Cluster:Key=the key of the bench's cluster"];
            for (var i = 0; i < runners; i++)
                await services.StartAsync("Fn.Runner", $"runner{i}", [.. shared, $"--Fn:Runner:ProcessRoots:0={Programs.FullName}"]);
            services._gateway = (await services.StartAsync("Fn.Api", "gateway", shared)).Address;
            await services.HasRunnersAsync(runners, cancel);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    public static async Task<Services> StartEmbeddedAsync(CancellationToken cancel, params string[] settings)
    {
        var services = new Services();
        try
        {
            services._gateway = (await services.StartAsync("Fn.Api", "gateway", [$"--Fn:Runner:ProcessRoots:0={Programs.FullName}", .. settings])).Address;
            await services.HasRunnersAsync(1, cancel);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    public async Task CreateAsync(int functions, CancellationToken cancel)
    {
        var app = await PostAsync("/v2/apps", new JsonObject { ["name"] = "bench" }, cancel);
        for (var i = 0; i < functions; i++)
        {
            var function = await PostAsync("/v2/fns", new JsonObject
            {
                ["app_id"] = app,
                ["name"] = $"hello{i}",
                ["image"] = "process:" + Hello,
                ["format"] = FunctionFormat.Http,
                ["memory"] = MemoryMiB,
                ["idle_timeout"] = 300,
                // Where the runtime is, if not at its usual place.
                ["config"] = new JsonObject { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")) },
            }, cancel);
            _functions.Add(new Uri(_gateway, "/invoke/" + function));
        }
    }

    /// <summary>Calls the functions in turn.</summary>
    public async Task CallAsync(CancellationToken cancel)
    {
        var function = _functions[(int)((uint)Interlocked.Increment(ref _next) % _functions.Count)];
        using var request = new HttpRequestMessage(HttpMethod.Post, function) { Content = new StringContent("World") };
        using var response = await _client.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        if (response.StatusCode != HttpStatusCode.OK || text != "Hello World\n")
            throw new InvalidOperationException($"A call was answered with {(int)response.StatusCode}: {text}");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<ServiceProcess> StartAsync(string program, string name, string[] settings)
    {
        var process = await ServiceProcess.StartAsync(program,
        [
            "--urls=http://127.0.0.1:0",
            $"--Fn:DataDirectory={Path.Combine(_directory.FullName, name)}",
            // Room for few containers: on a busy machine, starting more and more of them would be what is measured.
            $"--Fn:Runner:Memory={4 * MemoryMiB}MiB",
            "--Logging:LogLevel:Default=Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
            .. settings,
        ]);
        _processes.Add(process);
        return process;
    }

    private async Task HasRunnersAsync(int count, CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (await tick.WaitForNextTickAsync(cancel))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateway, "/v2/runners"));
            using var response = await _client.SendAsync(request, cancel);
            if (JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel))?["items"]?.AsArray().Count == count)
                return;
        }
    }

    private async Task<string> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_gateway, path)) { Content = JsonContent.Create(body, options: JsonSerializerOptions.Web) };
        using var response = await _client.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path} was answered with {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }
}
