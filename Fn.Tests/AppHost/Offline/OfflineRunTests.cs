using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Fn.AppHost.Offline;
using Fn.Tests.EndToEnd;
using Xunit;

namespace Fn.Tests.AppHost.Offline;

public sealed class OfflineRunTests : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("fn-path-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _scratch.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_TwoRunners_EachIsUpWithWhatItHasToKnow()
    {
        await using var host = await AppHostProcess.StartAsync(Nothing);

        Assert.Equal("Aspire stand-in: no Aspire dashboard, no publishing. For Aspire: dotnet run --project Fn.AppHost -- use-aspire", host.Lines[0]);
        var api = AppHostProcess.EnvironmentOf(Assert.Single(host.Descendants("/Fn.Api")));
        var runners = host.Descendants("/Fn.Runner").Select(AppHostProcess.EnvironmentOf).ToList();
        Assert.Equal(2, runners.Count);
        foreach (var service in runners.Append(api))
        {
            Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(service["ASPNETCORE_URLS"] + "/health"), Cancel)).StatusCode);
            Assert.Equal(api["ConnectionStrings__redis"], service["ConnectionStrings__redis"]);
            Assert.Equal(api["Fn__Cluster__Key"], service["Fn__Cluster__Key"]);
            Assert.Equal("Development", service["ASPNETCORE_ENVIRONMENT"]);
        }
        Assert.Equal(3, runners.Append(api).Select(service => service["ASPNETCORE_URLS"]).Distinct().Count());
        Assert.Equal(host.Gateway(), new Uri(api["ASPNETCORE_URLS"]));
        Assert.True(api["Fn__Cluster__Key"].Length >= 43);
        Assert.All(runners, runner => Assert.Equal("2", runner["Fn__Runner__Instances"]));
        Assert.All(runners, runner => Assert.Equal(Math.Max(1, Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture), runner["Fn__Runner__MaxStarts"]));
        var redis = new RedisResource("redis", api["REDIS_PASSWORD"]) { Port = int.Parse(api["REDIS_PORT"], CultureInfo.InvariantCulture) };
        Assert.True(await RedisServer.AnswersAsync(redis, Cancel));
        Assert.False(await RedisServer.AnswersAsync(new RedisResource("redis", "not this") { Port = redis.Port }, Cancel));
    }

    [Fact]
    public async Task Run_Example_CanBeCalled()
    {
        await using var host = await AppHostProcess.StartAsync(Nothing);

        var id = await host.ExampleAsync("hello");
        var answer = await _http.PostAsync(new Uri(host.Gateway(), $"/invoke/{id}"), new StringContent("World"), Cancel);

        Assert.Equal((HttpStatusCode.OK, "Hello World\n"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        // By one of the two runners, which the gateway found through Redis.
        var runners = await _http.GetFromJsonAsync<JsonElement>(new Uri(host.Gateway(), "/v2/runners"), Cancel);
        var ids = runners.GetProperty("items").EnumerateArray().ToDictionary(runner => runner.GetProperty("name").GetString()!, runner => runner.GetProperty("id").GetString());
        Assert.Equal(["runner-1", "runner-2"], ids.Keys.Order());
        Assert.Contains(answer.Headers.GetValues("Fn-Runner").Single(), ids.Values);
    }

    [Theory]
    [InlineData(AppHostProcess.SigInt, 0)]
    [InlineData(AppHostProcess.SigKill, 137)]
    public async Task Run_Ended_LeavesNoProcess(int signal, int exitCode)
    {
        await using var host = await AppHostProcess.StartAsync(Nothing, "--runners", "1");
        var descendants = host.Descendants();
        Assert.True(descendants.Count >= 3);

        host.Send(signal);
        await host.WaitForExitAsync();

        Assert.Equal(exitCode, host.ExitCode);
        if (signal == AppHostProcess.SigInt)
            Assert.DoesNotContain(descendants, IsThere);
        else
            await Eventually.HoldsAsync(() => !descendants.Any(IsThere), "its processes have ended");
    }

    [Fact]
    public async Task Run_ToldTwice_DoesNotWaitForCalls()
    {
        await using var host = await AppHostProcess.StartAsync(new Dictionary<string, string> { ["Fn__Runner__DrainTimeout"] = "1h" }, "--runners", "1");
        var call = _http.PostAsync(new Uri(host.Gateway(), $"/invoke/{await host.ExampleAsync("sleepy")}"), new StringContent("250000"), Cancel);
        await Eventually.HoldsAsync(() => host.Descendants("/sleepy").Count > 0, "the function runs");

        host.Send(AppHostProcess.SigInt);
        await Eventually.HoldsAsync(() => host.Lines.Any(line => line.Contains("Application is shutting down", StringComparison.Ordinal)), "the call is waited for");
        host.Send(AppHostProcess.SigInt);
        await host.WaitForExitAsync();

        // They were told to hurry, and did; nobody's patience ran out.
        Assert.DoesNotContain(host.Lines, line => line.EndsWith("is told to wait no longer", StringComparison.Ordinal) || line.EndsWith("is killed", StringComparison.Ordinal));
        Assert.Equal(0, host.ExitCode);
        Assert.Empty(host.Descendants());
        await Assert.ThrowsAnyAsync<Exception>(async () => (await call).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task Run_NoRedisServerOnPath_UsesGarnet()
    {
        foreach (var program in (string[])["dotnet", "setpriv", "setsid"])
            File.CreateSymbolicLink(Path.Combine(_scratch.FullName, program), Where(program));

        await using var host = await AppHostProcess.StartAsync(new Dictionary<string, string> { ["PATH"] = _scratch.FullName }, "--runners", "1");

        var api = AppHostProcess.EnvironmentOf(Assert.Single(host.Descendants("/Fn.Api")));
        var redis = new RedisResource("redis", api["REDIS_PASSWORD"]) { Port = int.Parse(api["REDIS_PORT"], CultureInfo.InvariantCulture) };
        Assert.True(await RedisServer.AnswersAsync(redis, Cancel));
        Assert.False(await RedisServer.AnswersAsync(new RedisResource("redis", "not this") { Port = redis.Port }, Cancel));
        var descendants = host.Descendants();
        host.Send(AppHostProcess.SigInt);
        await host.WaitForExitAsync();
        Assert.DoesNotContain(descendants, IsThere);
    }

    [Fact]
    public async Task Run_PortInUse_SaysWhoNeedsItAndStartsNothing()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

        await using var host = await AppHostProcess.RunAsync(Nothing, "--api-port", port);

        Assert.Equal(1, host.ExitCode);
        Assert.Equal($"api cannot listen on port {port}: Address already in use. Stop what listens there, or choose another port: --api-port PORT", host.Lines[^1]);
        Assert.Equal(2, host.Lines.Count);
    }

    [Fact]
    public async Task Run_ServiceEndsBeforeItIsUp_SaysWhichAndWhyAndStopsTheOthers()
    {
        await using var host = await AppHostProcess.RunAsync(new Dictionary<string, string> { ["Fn__Calls__QueueTimeout"] = "soon" }, "--api-port", "0", "--runners", "1");

        Assert.Equal(1, host.ExitCode);
        Assert.Contains("runner-1 ended with exit code 1 before it was up. Its last lines:", host.Lines);
        Assert.Contains("  Fn:Calls:QueueTimeout is 'soon': allowed is a duration from 10ms to 1h, for instance 120s", host.Lines);
        Assert.DoesNotContain(host.Lines, line => line.StartsWith("api ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_RunnersNoNumber_SaysWhatIsAllowed()
    {
        await using var host = await AppHostProcess.RunAsync(Nothing, "--runners", "some");

        Assert.Equal((1, "--runners is 'some': allowed is a number from 1 to 100"), (host.ExitCode, host.Lines[^1]));
    }

    [Theory]
    [InlineData("--operation", "publish", "--output-path", "out")]
    [InlineData("--publisher", "manifest", "--output-path", "out")]
    public async Task Run_PublishArguments_RunsItselfAgainWithAspire(params string[] arguments)
    {
        var dotnet = Path.Combine(_scratch.FullName, "dotnet");
        await File.WriteAllTextAsync(dotnet, "#!/bin/sh\necho \"$UseAspire $AspirePublishing: $*\"\nexit 7\n", Cancel);
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var host = await AppHostProcess.RunAsync(
            new Dictionary<string, string> { ["PATH"] = $"{_scratch.FullName}:{Environment.GetEnvironmentVariable("PATH")}" }, arguments);

        Assert.Equal(7, host.ExitCode);
        Assert.Equal($"true true: run --project {Fn.AppHost.AppHostFolder.Path} -- {string.Join(' ', arguments)}", host.Lines[^1]);
    }

    private static bool IsThere(int id) => Directory.Exists($"/proc/{id}");

    private static string Where(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
}
