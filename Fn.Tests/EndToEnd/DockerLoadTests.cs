using System.Collections.Concurrent;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>The Docker engine goes and comes back while clients call without a pause.</summary>
[Collection(DockerRuns.Name)]
public sealed class DockerLoadTests
{
    private const int ClientsPerFunction = 3;

    /// <summary>How long a client that was refused waits before it asks again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly DockerEngineFixture _docker;
    private readonly ConcurrentQueue<(string Function, CallOutcome Outcome)> _ended = new();
    private volatile bool _stopped;

    public DockerLoadTests(DockerEngineFixture docker)
    {
        docker.Require();
        _docker = docker;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_EngineStopsAndStartsMeanwhile_HasADefinedAnswerAndAllRecovers()
    {
        await using (var platform = await Platform.StartAsync(1, $"--Fn:Docker:Host={_docker.Host}"))
        {
            var image = await _docker.Images.FaultyAsync();
            string[] functions =
            [
                await platform.CreateAsync("http", image, FunctionFormat.Http), await platform.CreateAsync("stream", image, FunctionFormat.HttpStream),
            ];
            var clients = functions.SelectMany(function => Enumerable.Range(0, ClientsPerFunction).Select(_ => Task.Run(() => CallAsync(platform, function), Cancel))).ToList();
            await AnsweredAsync(functions, clients);

            await _docker.StopAsync();
            await Eventually.HoldsAsync(() => _ended.Any(call => call.Outcome.Status != 200), "calls have met the end of the engine");
            await _docker.StartAsync();
            await AnsweredAsync(functions, clients);
            _stopped = true;
            await Task.WhenAll(clients);

            Assert.All(_ended, call => Assert.True(IsDefined(call.Outcome), call.Outcome.ToString()));
            foreach (var function in functions)
                Assert.Equal("hot", (await platform.CallAsync(function, "echo")).Start);
        }
        Assert.Empty(await _docker.ContainersAsync());
    }

    /// <summary>Completes when each function has answered some more calls.</summary>
    private Task AnsweredAsync(string[] functions, List<Task> clients)
    {
        var targets = functions.Select(function => Answers(function) + 10).ToArray();
        return Eventually.HoldsAsync(
            () => clients.Any(client => client.IsFaulted) || functions.Zip(targets).All(pair => Answers(pair.First) >= pair.Second), "all functions answer again");
    }

    private int Answers(string function) => _ended.Count(call => call.Function == function && call.Outcome is { Status: 200, IsWhole: true });

    private async Task CallAsync(Platform platform, string function)
    {
        while (!_stopped)
        {
            var outcome = await CallOutcome.OfAsync(platform.Http, function, "echo", new StringContent("body"));
            _ended.Enqueue((function, outcome));
            if (outcome.Status != 200)
                await Task.Delay(Pause, TimeProvider.System, Cancel);
        }
    }

    /// <summary>Answered by the function; broken off with the engine, before or in the answer; or not begun.</summary>
    private static bool IsDefined(CallOutcome outcome) => outcome.CallId is not null && outcome switch
    {
        { Status: 200, IsWhole: true } => outcome.Body == "body",
        { Status: 200 } => true,
        { Status: 502 or 504 } => outcome.Message is not null,
        { Status: 503 } => outcome.Message == "Timed out - server too busy" && outcome.Headers.ContainsKey("Retry-After"),
        _ => false,
    };
}
