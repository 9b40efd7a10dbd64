using System.Collections.Concurrent;
using System.Text.Json;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Docker;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>The driver on engines that are slow, away, or fail.</summary>
public sealed class DockerFaultsTests
{
    private const string NoEngine = "unix:///tmp/no-such-engine.sock";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_CancelledWhileTheEngineIsSilent_IsACancellation()
    {
        var asked = new TaskCompletionSource();
        await using var silent = await ScriptedEngine.StartAsync(context => NeverAsync(context, asked));
        using var engine = Engine(silent.Host);
        using var cancel = new CancellationTokenSource();
        var call = engine.CallAsync((client, token) => client.System.PingAsync(token), cancel.Token);
        await asked.Task.WaitAsync(Cancel);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call);
    }

    [Fact]
    public async Task Call_EngineIsSilentForTooLong_NamesTheLimit()
    {
        var asked = new TaskCompletionSource();
        await using var silent = await ScriptedEngine.StartAsync(context => NeverAsync(context, asked));
        var time = new FakeTimeProvider();
        using var engine = Engine(silent.Host, time);
        var call = engine.CallAsync((client, token) => client.System.PingAsync(token), Cancel);
        await asked.Task.WaitAsync(Cancel);

        time.Advance(TimeSpan.FromSeconds(30));

        var (_, error) = await call;
        Assert.Null(error!.Status);
        Assert.Contains("Fn:Docker:RequestTimeout=30s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_NoValidReference_AsksNoEngine()
    {
        using var engine = Engine(NoEngine);
        using var events = new DockerEvents(engine, TimeProvider.System, NullLogger<DockerEvents>.Instance);

        var failure = await new DockerImages(engine, events, new DockerCredentials(TimeProvider.System, NullLogger<DockerCredentials>.Instance)).EnsureAsync("../containers/x", Cancel);

        Assert.Equal(CallError.StartFailed, failure!.Error);
    }

    [Fact]
    public async Task Pull_ImagesHaveChanged_LooksAtTheImageAgain()
    {
        var (change, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (looks, hasVolume) = (0, false);
        await using var scripted = await ScriptedEngine.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal))
            {
                await context.Response.StartAsync();
                await change.Task;
                await context.Response.WriteAsync("{\"Type\":\"image\",\"Action\":\"tag\",\"Actor\":{\"ID\":\"sha256:1\",\"Attributes\":{\"name\":\"an/image:1\"}},\"timeNano\":1}\n");
                await told.Task;
                return;
            }
            looks++;
            await context.Response.WriteAsync(hasVolume ? "{\"Config\":{\"Volumes\":{\"/data\":{}}}}" : "{\"Config\":{}}");
        });
        using var engine = Engine(scripted.Host);
        using var events = new DockerEvents(engine, TimeProvider.System, NullLogger<DockerEvents>.Instance);
        var images = new DockerImages(engine, events, new DockerCredentials(TimeProvider.System, NullLogger<DockerCredentials>.Instance));
        Assert.Null(await images.EnsureAsync("an/image:1", Cancel));
        Assert.Null(await images.EnsureAsync("an/image:1", Cancel));
        Assert.Equal(1, looks);

        hasVolume = true;
        var before = events.ImagesVersion;
        change.SetResult();
        await Eventually.HoldsAsync(() => Task.FromResult(events.ImagesVersion != before), "the driver has heard of it");

        Assert.Equal(CallError.ImageHasVolume, (await images.EnsureAsync("an/image:1", Cancel))?.Error);
        told.SetResult();
    }

    [Fact]
    public async Task Remove_EngineIsAwayAndTheRunnerStops_GivesUp()
    {
        using var stopping = new CancellationTokenSource();
        using var engine = Engine(NoEngine, stopping: stopping);
        using var events = new DockerEvents(engine, TimeProvider.System, NullLogger<DockerEvents>.Instance);
        var container = new DockerContainer("id", "id", hasInput: false, engine, events, TimeProvider.System, NullLogger.Instance);
        var removal = container.RemoveAsync();
        Assert.False(removal.IsCompleted);

        await stopping.CancelAsync();

        await removal.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Create_EngineWasAwayAtTheStart_RemovesOnlyItsOwnRunnersLeftoversFirst()
    {
        var away = true;
        var asked = new ConcurrentQueue<string>();
        await using var scripted = await ScriptedEngine.StartAsync(async context =>
        {
            var path = context.Request.Path.Value!;
            asked.Enqueue($"{context.Request.Method} {path} {context.Request.Query["filters"]}".Trim());
            context.Response.StatusCode = away ? 503 : context.Request.Method == "POST" ? 201 : 200;
            object answer = away ? new { message = "starting" } : context.Request.Method == "POST" ? new { Id = "made" } : Array.Empty<object>();
            await context.Response.WriteAsync(JsonSerializer.Serialize(answer), context.RequestAborted);
        });
        using var engine = Engine(scripted.Host);
        using var events = new DockerEvents(engine, TimeProvider.System, NullLogger<DockerEvents>.Instance);
        using var driver = Driver(engine, events, scripted.Host);
        await driver.RemoveLeftoversAsync(["own", "other"], Cancel);
        asked.Clear();
        away = false;

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => driver.CreateAsync(Spec("own"), Cancel).AsTask()));

        Assert.Equal("GET /containers/json {\"label\":{\"fn.runner=own\":true}}", asked.First().Replace("/v1.51", "", StringComparison.Ordinal));
        Assert.Single(asked, request => request.Contains("/containers/json", StringComparison.Ordinal));
        Assert.Equal(3, asked.Count(request => request.EndsWith("/containers/create", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Create_ImageHasVanishedSinceItWasPulled_IsPulledAgain()
    {
        var (there, pulls) = (true, 0);
        await using var scripted = await ScriptedEngine.StartAsync(async context =>
        {
            var path = context.Request.Path.Value!;
            if (path.EndsWith("/images/create", StringComparison.Ordinal))
            {
                there = true;
                pulls++;
            }
            var isCreation = path.EndsWith("/containers/create", StringComparison.Ordinal);
            context.Response.StatusCode = isCreation && there ? 201 : there ? 200 : 404;
            await context.Response.WriteAsync(there ? isCreation ? "{\"Id\":\"made\"}" : "{\"Config\":{}}" : "{\"message\":\"No such image\"}");
        });
        using var driver = new DockerTestDriver(scripted.Host);
        Assert.Null(await driver.Driver.PullAsync("an/image", Cancel));
        there = false;

        var (container, failure) = await driver.Driver.CreateAsync(Spec("own"), Cancel);

        Assert.Null(failure);
        Assert.Equal("made", Assert.IsType<DockerContainer>(container).EngineId);
        Assert.Equal(1, pulls);
    }

    [Fact]
    public async Task Create_NobodyWaitsAnyMore_IsRemovedWhenItIsThere()
    {
        var (asked, answer, removed) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource<string>());
        await using var slow = await ScriptedEngine.StartAsync(async context =>
        {
            var path = context.Request.Path.Value!;
            if (context.Request.Method == "DELETE")
                removed.TrySetResult(path);
            if (path.EndsWith("/containers/create", StringComparison.Ordinal))
            {
                asked.TrySetResult();
                await answer.Task;
                context.Response.StatusCode = 201;
            }
            await context.Response.WriteAsync("{\"Id\":\"made\"}");
        });
        var time = new FakeTimeProvider();
        using var engine = Engine(slow.Host, time);
        using var events = new DockerEvents(engine, time, NullLogger<DockerEvents>.Instance);
        using var driver = Driver(engine, events, slow.Host);
        using var cancel = new CancellationTokenSource();
        var creating = driver.CreateAsync(Spec("own"), cancel.Token).AsTask();
        await asked.Task.WaitAsync(Cancel);
        // Longer than any other request may take.
        time.Advance(TimeSpan.FromMinutes(1));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => creating);

        answer.SetResult();

        Assert.EndsWith("/containers/made", await removed.Task.WaitAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task NeverAsync(HttpContext context, TaskCompletionSource asked)
    {
        asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static DockerEngine Engine(string host, TimeProvider? time = null, CancellationTokenSource? stopping = null) =>
        new(Options.Create(new DockerOptions { Host = host }), time ?? TimeProvider.System, stopping?.Token ?? CancellationToken.None);

    private static DockerDriver Driver(DockerEngine engine, DockerEvents events, string host) => new(
        engine,
        new DockerImages(engine, events, new DockerCredentials(TimeProvider.System, NullLogger<DockerCredentials>.Instance)),
        events,
        Options.Create(new ContainerOptions()),
        Options.Create(new DockerOptions { Host = host }),
        Options.Create(new RunnerOptions()),
        TimeProvider.System,
        NullLogger<DockerDriver>.Instance);

    private static ContainerSpec Spec(string runnerId) => new()
    {
        Id = FnId.New(TimeProvider.System),
        RunnerId = runnerId,
        Function = TestSpecs.Function("an/image"),
        Environment = new Dictionary<string, string>(),
    };
}
