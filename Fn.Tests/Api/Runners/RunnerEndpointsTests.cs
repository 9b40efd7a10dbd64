using System.Text.Json;
using System.Text.Json.Nodes;
using Fn.Api.Placement;
using Fn.Tests.Api.Placement;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Runners;

/// <summary>The hot map as JSON.</summary>
public sealed class RunnerEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Hot_IdleContainers_SayUntilWhenAndWhichAreKept()
    {
        Report(1, "hot", [30_000, 20_000, 10_000], floor: 3);

        var pool = Assert.Single((await GetAsync("/v2/fns/hot/hot"))["items"]!.AsArray())!;

        Assert.Equal(("runner-1", "http://127.0.0.1:9001", "hot", 3, 1, 3),
            ((string)pool["runner_id"]!, (string)pool["runner_address"]!, (string)pool["fn_id"]!, (int)pool["idle"]!, (int)pool["busy"]!, (int)pool["min_hot"]!));
        // Of four containers three are kept; the busy one is one of them.
        Assert.Equal([(30, 30, false), (20, null, true), (10, null, true)], Idle(pool));
    }

    [Fact]
    public async Task Hot_IdleTimeoutNotTold_LeavesItOpen()
    {
        Report(2, "untold", [30_000], floor: 0, idleTimeout: null);

        Assert.Equal([(30, null, false)], Idle(Assert.Single((await GetAsync("/v2/fns/untold/hot"))["items"]!.AsArray())!));
    }

    [Fact]
    public async Task Hot_FunctionWithoutContainers_IsEmpty()
    {
        var app = await gateway.Client.PostAsync("/v2/apps", """{"name":"cold"}""");
        var function = await gateway.Client.PostAsync("/v2/fns", $$"""{"app_id":"{{app["id"]}}","name":"f","image":"i"}""");

        Assert.Empty((await GetAsync($"/v2/fns/{function["id"]}/hot"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Hot_UnknownFunction_Is404()
    {
        var answer = await gateway.Client.GetAsync("/v2/fns/unknown/hot");

        Assert.Equal((404, "{\"message\":\"Fn not found\"}\n"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Runners_OneByIdAndAll_HaveTheSameIdleContainers()
    {
        Report(3, "listed", [40_000, 5_000], floor: 0);

        var one = await GetAsync("/v2/runners/runner-3");
        var listed = (await GetAsync("/v2/runners"))["items"]!.AsArray().Single(runner => (string?)runner!["id"] == "runner-3")!;

        foreach (var runner in (JsonNode[])[one, listed])
            Assert.Equal([(40, 20, false), (5, 55, false)], Idle(Assert.Single(runner["hot"]!.AsArray())!));
    }

    [Fact]
    public async Task Answers_Fields_AreThoseOfTheDocument()
    {
        Report(4, "documented", [1_000], floor: 0);
        var schemas = (await gateway.Client.GetAsync("/openapi/v2.json")).Json.GetProperty("components").GetProperty("schemas");

        var hot = (await gateway.Client.GetAsync("/v2/fns/documented/hot")).Json.GetProperty("items")[0];
        var runner = (await gateway.Client.GetAsync("/v2/runners/runner-4")).Json;

        Assert.Equal(Documented(schemas, "Hot"), Names(hot));
        Assert.Equal(Documented(schemas, "IdleContainer"), Names(hot.GetProperty("idle_containers")[0]));
        Assert.Equal(Documented(schemas, "Runner"), Names(runner));
        Assert.Equal(Documented(schemas, "Hot").Except(["runner_id", "runner_address"]), Names(runner.GetProperty("hot")[0]));
    }

    private static IEnumerable<string> Documented(JsonElement schemas, string name) => Names(schemas.GetProperty(name).GetProperty("properties"));

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(field => field.Name);

    /// <summary>In seconds: a fraction of a millisecond is lost on the way.</summary>
    private static IEnumerable<(double Ago, double? Left, bool Kept)> Idle(JsonNode pool) => pool["idle_containers"]!.AsArray()
        .Select(idle => (Math.Round((double)idle!["idle_ago"]! / 1000), (double?)idle["idle_left"] is { } left ? Math.Round(left / 1000) : (double?)null, (bool)idle["kept"]!));

    private async Task<JsonNode> GetAsync(string path)
    {
        var answer = await gateway.Client.GetAsync(path);
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Body)!;
    }

    private void Report(int runner, string functionId, long[] idleAgo, int floor, long? idleTimeout = 60_000) => gateway.Services.GetRequiredService<ClusterView>().Apply(
        Views.Full(Views.Runner(runner), ($"revision-{runner}", Views.Pool(idleAgo, busy: floor > 0 ? 1 : 0) with { FunctionId = functionId, Floor = floor, IdleTimeoutMs = idleTimeout })),
        TimeSpan.Zero);
}
