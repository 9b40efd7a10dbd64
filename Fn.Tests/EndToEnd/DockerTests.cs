using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>The whole platform on a Docker engine: one scenario for each outcome.</summary>
[Collection(DockerRuns.Name)]
public sealed class DockerTests
{
    private const string NotInitialized = "{\"message\":\"Container failed to initialize, please ensure you are using the latest fdk and check the logs\"}\n";
    private const string Busy = "{\"message\":\"Timed out - server too busy\"}\n";

    private readonly DockerEngineFixture _docker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public DockerTests(DockerEngineFixture docker)
    {
        docker.Require();
        _docker = docker;
    }

    [Theory]
    [InlineData(FunctionFormat.Http)]
    [InlineData(FunctionFormat.HttpStream)]
    public async Task Call_HotFormat_IsColdThenHot(string format)
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), format);

        var first = await platform.CallAsync(id, "echo", "one");
        var second = await platform.CallAsync(id, "echo", "two");

        Assert.Equal((200, "one", "cold"), (first.Status, first.Body, first.Start));
        Assert.Equal((200, "two", "hot"), (second.Status, second.Body, second.Start));
    }

    [Fact]
    public async Task Call_FormatDefault_IsColdEachTime()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.ShellAsync("tr a-z A-Z"), FunctionFormat.Default);

        foreach (var body in (string[])["one", "two"])
        {
            var answer = await platform.CallAsync(id, body: body);
            Assert.Equal((200, body.ToUpperInvariant(), "cold"), (answer.Status, answer.Body, answer.Start));
        }
        await Eventually.HoldsAsync(async () => (await _docker.ContainersAsync()).Count == 0, "no container is left");
    }

    [Theory]
    [InlineData("exit 3", "", 502, "{\"message\":\"container exit code 3\"}\n")]
    [InlineData("a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done", "", 502, "{\"message\":\"container out of memory, you may want to raise function.memory for this function (default: 128MB)\"}\n")]
    [InlineData("true", "VOLUME /data", 400, "{\"message\":\"image has Volume definition\"}\n")]
    [InlineData("true", "ENTRYPOINT [\"/none\"]", 502, "{\"message\":\"container exit code 127\"}\n")]
    public async Task Call_FunctionThatFails_HasItsAnswer(string script, string change, int status, string body)
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.ShellAsync(script, change.Length > 0 ? [change] : []), FunctionFormat.Default);

        var answer = await platform.CallAsync(id);

        Assert.Equal((status, body), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("ln -s /etc/passwd /tmp/iofs/lsnr.sock; sleep 1000")]
    public async Task Call_SocketThatIsNone_FailsToInitialize(string script)
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.ShellAsync(script), FunctionFormat.HttpStream);

        var answer = await platform.CallAsync(id);

        Assert.Equal((502, NotInitialized), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Call_SocketNeverAppears_TimesOut()
    {
        await using var platform = await StartAsync("--Fn:Containers:StartTimeout=2s");
        var id = await platform.CreateAsync("f", await _docker.Images.ShellAsync("sleep 1000"), FunctionFormat.HttpStream);

        var answer = await platform.CallAsync(id);

        Assert.Equal((504, "Fn:Containers:StartTimeout=2s"), (answer.Status, answer.Limit));
        await Eventually.HoldsAsync(async () => (await _docker.ContainersAsync()).Count == 0, "no container is left");
    }

    [Fact]
    public async Task Call_ImageThatIsNowhere_SaysWhy()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", "localhost:1/none:1", FunctionFormat.Http);

        var answer = await platform.CallAsync(id);

        Assert.Equal(502, answer.Status);
        Assert.StartsWith("{\"message\":\"Failed to pull image 'localhost:1/none:1': ", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_FunctionThatPrintsALot_IsAnsweredAllTheSame()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.HttpStream);

        // More than any buffer between the function and whoever should read its standard output.
        var answer = await platform.CallAsync(id, "print 4000000");

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Call_ManyFunctionsAtOnce_AllAnswer()
    {
        const int functions = 40;
        await using var platform = await StartAsync("--Fn:Runner:Memory=4GiB");
        var image = await _docker.Images.FaultyAsync();
        var ids = new List<string>();
        for (var i = 0; i < functions; i++)
            ids.Add(await platform.CreateAsync($"f{i}", image, FunctionFormat.HttpStream));

        var answers = await Task.WhenAll(ids.Select(id => platform.CallAsync(id, "echo", id)));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(ids, answers.Select(answer => answer.Body));
    }

    [Fact]
    public async Task Call_EachOutcomeOfHttpStream_HasItsAnswer()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.HttpStream, timeout: 3);
        foreach (var (behaviour, status, message) in HttpStreamOutcomes.All)
        {
            var outcome = await CallOutcome.OfAsync(platform.Http, id, behaviour, new StringContent("body"));
            Assert.True((outcome.Status, outcome.Message) == (status, message), $"{behaviour}: {outcome}");
            Assert.Equal(200, (await platform.CallAsync(id, "echo")).Status);
        }
    }

    [Fact]
    public async Task Call_FunctionHasSentAPartOfItsAnswer_ArrivesBeforeTheRestIsMade()
    {
        var sockets = Directory.CreateTempSubdirectory("fn-sockets-");
        try
        {
            await using var platform = await StartAsync($"--Fn:Containers:SocketRoot={sockets.FullName}");
            var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.HttpStream);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{id}");
            request.Headers.Add(FaultyFunction.Header, $"hold {ContainerSpec.SocketMount}/signal");
            using var answer = await platform.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
            var first = new byte[5];
            await body.ReadExactlyAsync(first, Cancel);
            Assert.Equal("first"u8.ToArray(), first);

            // Only now does the function go on.
            var inside = Assert.Single(sockets.EnumerateDirectories("*", SearchOption.TopDirectoryOnly)).EnumerateDirectories().Single();
            await File.WriteAllTextAsync(Path.Combine(inside.FullName, "signal"), "", Cancel);

            using var rest = new StreamReader(body);
            Assert.Equal("second", await rest.ReadToEndAsync(Cancel));
        }
        finally
        {
            sockets.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Call_MemoryFullOfIdleContainers_EvictsOne()
    {
        await using var platform = await StartAsync("--Fn:Runner:Memory=64MiB");
        var image = await _docker.Images.FaultyAsync();
        var (one, other) = (await platform.CreateAsync("one", image, FunctionFormat.Http), await platform.CreateAsync("other", image, FunctionFormat.Http));

        Assert.Equal("cold", (await platform.CallAsync(one)).Start);
        Assert.Equal("cold", (await platform.CallAsync(other)).Start);
        Assert.Equal("hot", (await platform.CallAsync(other)).Start);
        Assert.Single(await _docker.ContainersAsync());
    }

    [Fact]
    public async Task Start_AfterKill_RemovesWhatWasLeft()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.HttpStream);
        await platform.CallAsync(id);
        var left = Assert.Single(await _docker.ContainersAsync());

        await platform.Gateway.KillAsync();
        await platform.StartGatewayAsync();

        Assert.DoesNotContain(left, await _docker.ContainersAsync());
        Assert.Equal("cold", (await platform.CallAsync(id)).Start);
    }

    [Fact]
    public async Task Call_EngineStopsAndComesBack_FailsMeanwhileAndRecovers()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.Http);
        Assert.Equal(200, (await platform.CallAsync(id)).Status);

        await _docker.StopAsync();
        CallResult? away = null;
        // The first call may meet the container whose end is just being learnt.
        await Eventually.HoldsAsync(async () => (away = await platform.CallAsync(id)).Status == 503, "calls are told that the engine is away");
        Assert.Equal(Busy, away!.Body);
        Assert.NotNull(away.RetryAfter);

        await _docker.StartAsync();
        await Eventually.HoldsAsync(async () => (await platform.CallAsync(id)).Status == 200, "calls are answered again");
        Assert.Equal("hot", (await platform.CallAsync(id)).Start);
        await Eventually.HoldsAsync(async () => (await _docker.ContainersAsync()).Count == 1, "only the new container is there");
    }

    [Theory]
    [InlineData(FunctionFormat.Default)]
    [InlineData(FunctionFormat.Http)]
    public async Task Call_EngineStopsDuringIt_IsAnsweredWithoutWaitingForTheEngine(string format)
    {
        await using var platform = await StartAsync();
        var image = format == FunctionFormat.Default ? await _docker.Images.ShellAsync("echo begun >&2; sleep 1000") : await _docker.Images.FaultyAsync();
        var id = await platform.CreateAsync("f", image, format, timeout: 300);
        var call = platform.CallAsync(id, "nothing");
        await Eventually.HoldsAsync(async () => (await _docker.RunningAsync()).Count == 1, "the call's container runs");

        await _docker.StopAsync();
        try
        {
            var answer = await call;
            Assert.True(answer.Status == 502, $"{answer.Status} {answer.Body}");
        }
        finally
        {
            await _docker.StartAsync();
        }
    }

    [Fact]
    public async Task Stop_WhileTheEngineIsAway_EndsAndTheNextStartCleansUp()
    {
        await using var platform = await StartAsync();
        var id = await platform.CreateAsync("f", await _docker.Images.FaultyAsync(), FunctionFormat.HttpStream);
        Assert.Equal(200, (await platform.CallAsync(id)).Status);

        await _docker.StopAsync();
        try
        {
            platform.Gateway.Terminate();
            await platform.Gateway.WaitForExitAsync();
            Assert.Equal(0, platform.Gateway.ExitCode);
        }
        finally
        {
            await _docker.StartAsync();
        }
        await platform.StartGatewayAsync();
        Assert.Empty(await _docker.ContainersAsync());
    }

    [Fact]
    public async Task Start_WithoutAnEngine_SaysWhatToDo()
    {
        await using var platform = await Platform.StartAsync(0, "--Fn:Runner:ContainerDriver=docker", "--Fn:Docker:Host=unix:///tmp/no-such-engine.sock");
        var id = await platform.CreateAsync("f", "an/image", FunctionFormat.Http);

        var answer = await platform.CallAsync(id);

        Assert.Equal((503, Busy), (answer.Status, answer.Body));
        Assert.Contains("No Docker engine at unix:///tmp/no-such-engine.sock", platform.Gateway.Output, StringComparison.Ordinal);
    }

    private Task<Platform> StartAsync(params string[] settings) => Platform.StartAsync(0, [$"--Fn:Docker:Host={_docker.Host}", .. settings]);
}
