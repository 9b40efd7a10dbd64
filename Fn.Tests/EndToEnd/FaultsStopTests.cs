using System.Net;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Processes of the platform that are told to stop while calls run: they finish what they have, within their limits, and leave nothing.</summary>
[Collection(FaultRuns.Name)]
public sealed class FaultsStopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_OneOfTwoRunnersUnderLoad_FailsNoCall()
    {
        await using var platform = await Platform.StartAsync(2);
        string[] functions = [await platform.CreateFaultyAsync("one"), await platform.CreateFaultyAsync("two")];
        await using var load = new FaultsLoad(platform, functions, clients: 16);
        await load.AnswerAsync(100);
        var stopped = await platform.FavouriteAsync(functions[0]);
        var runner = (await platform.StatusAsync(stopped)).RunnerId;
        Assert.NotEmpty(Leftovers.ProcessesOf(runner));

        platform.Runners[stopped].Terminate();
        await platform.Runners[stopped].WaitForExitAsync();
        await load.AnswerAsync(100);

        var failed = await load.StopAsync();
        Assert.True(failed.Count == 0, $"{string.Join(", ", failed)}\n{platform.Gateway.Output}");
        AssertEndedWell(platform.Runners[stopped]);
        Leftovers.AssertNoneOf(runner);
    }

    [Fact]
    public async Task Stop_GatewayThatRunsFunctionsUnderLoad_FinishesItsCalls()
    {
        await using var platform = await Platform.StartAsync();
        var function = await platform.CreateFaultyAsync();
        await using var load = new FaultsLoad(platform, [function], clients: 8);
        await load.AnswerAsync(30);
        var runner = (await platform.CallAsync(function, "echo")).Runner!;
        var (file, call) = await RunAsync(platform, function, "sleep 500");

        platform.Gateway.Terminate();
        await platform.Gateway.WaitForExitAsync();

        Assert.Equal(200, (await call).Status);
        // Those that came too late were told so, or found nobody; none that a function saw was lost.
        Assert.All(await load.StopAsync(), outcome => Assert.True(outcome.Status is 0 or 503, outcome.ToString()));
        Assert.Empty(load.SeenAndFailed);
        AssertEndedWell(platform.Gateway);
        Leftovers.AssertNoneOf(runner);
        File.Delete(file);
    }

    [Fact]
    public async Task Stop_GatewayBeforeRunnerUnderLoad_FinishesItsCalls()
    {
        await using var platform = await Platform.StartAsync(1);
        var function = await platform.CreateFaultyAsync();
        await using var load = new FaultsLoad(platform, [function], clients: 8);
        await load.AnswerAsync(30);

        platform.Gateway.Terminate();
        await platform.Gateway.WaitForExitAsync();

        Assert.All(await load.StopAsync(), outcome => Assert.Equal(0, outcome.Status));
        Assert.Empty(load.SeenAndFailed);
        AssertEndedWell(platform.Gateway);
    }

    [Fact]
    public async Task Stop_CallGoesOnBeyondTheDrainTimeout_BreaksItOffAndLeavesNothing()
    {
        await using var platform = await Platform.StartAsync(1, "--Fn:Runner:DrainTimeout=1s");
        var function = await platform.CreateFaultyAsync(timeout: 300);
        var (file, call) = await RunAsync(platform, function, "nothing");
        var runner = (await platform.CallAsync(function, "echo")).Runner!;

        await StopAsync(Draining(platform));

        AssertBrokenOff(await call);
        Leftovers.AssertNoneOf(runner);
        File.Delete(file);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Stop_ToldTwice_EndsAtOnceAndLeavesNothing(int runners)
    {
        await using var platform = await Platform.StartAsync(runners, "--Fn:Runner:DrainTimeout=1h");
        var function = await platform.CreateFaultyAsync(timeout: 300);
        var (file, call) = await RunAsync(platform, function, "nothing");
        var runner = (await platform.CallAsync(function, "echo")).Runner!;
        var service = Draining(platform);

        service.Terminate();
        using var client = new HttpClient();
        await Eventually.HoldsAsync(
            async () => (await client.GetAsync(new Uri(service.Address, "/health"), Cancel)).StatusCode == HttpStatusCode.ServiceUnavailable, "it drains");
        Assert.False(call.IsCompleted);
        await StopAsync(service);

        AssertBrokenOff(await call);
        Leftovers.AssertNoneOf(runner);
        File.Delete(file);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Stop_DetachedCallRuns_AwaitsIt(int runners)
    {
        await using var platform = await Platform.StartAsync(runners, "--Fn:Runner:ProcessRoots:1=/usr/bin");
        var directory = Directory.CreateTempSubdirectory("fn-test-");
        var (begun, ended) = (Path.Combine(directory.FullName, "begun"), Path.Combine(directory.FullName, "ended"));
        const string image = "process:/bin/sh -c \"cat > $BEGUN; sleep 1; cp $BEGUN $ENDED\"";
        var function = await platform.CreateAsync(
            "slow", image, FunctionFormat.Default, config: new JsonObject { ["BEGUN"] = begun, ["ENDED"] = ended });

        CallOutcome accepted;
        using (var client = new HttpClient { BaseAddress = platform.Gateway.Address })
            accepted = await CallOutcome.OfAsync(client, function, null, new StringContent("the body"), detached: true);
        await StopAsync(Draining(platform));

        Assert.Equal((202, ""), (accepted.Status, accepted.Body));
        Assert.NotNull(accepted.CallId);
        Assert.Equal("the body", await File.ReadAllTextAsync(ended, Cancel));
        directory.Delete(recursive: true);
    }

    /// <summary>The process in which functions run.</summary>
    private static ServiceProcess Draining(Platform platform) => platform.Runners.Count > 0 ? platform.Runners[0] : platform.Gateway;

    private static async Task StopAsync(ServiceProcess service)
    {
        service.Terminate();
        await service.WaitForExitAsync();
        AssertEndedWell(service);
    }

    private static void AssertEndedWell(ServiceProcess service) => Assert.True(service.ExitCode == 0, $"Exit code {service.ExitCode}:\n{service.Output}");

    private static void AssertBrokenOff(CallOutcome outcome)
    {
        Assert.Equal((502, "error receiving function response"), (outcome.Status, outcome.Message));
        Assert.NotNull(outcome.CallId);
    }

    /// <summary>Begins a call and returns once the function has seen it.</summary>
    private static async Task<(string File, Task<CallOutcome> Call)> RunAsync(Platform platform, string function, string behaviour)
    {
        var file = Path.GetTempFileName();
        var call = CallOutcome.OfAsync(platform.Http, function, $"count-executions {file} {behaviour}");
        await Eventually.HoldsAsync(() => new FileInfo(file).Length > 0, "the function has seen the call");
        return (file, call);
    }
}
