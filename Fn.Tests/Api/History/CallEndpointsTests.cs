using System.Text.Json.Nodes;
using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.History;

public sealed class CallEndpointsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task List_Filtered_IsNewestFirstAndPaged()
    {
        for (var i = 0; i < 5; i++)
            Record($"list{i}", "fn-list", cold: i == 2, i == 3 ? CallError.FunctionTimedOut : null);

        Assert.Equal(["list4", "list3", "list2", "list1", "list0"], Ids(await GetAsync("/v2/fns/fn-list/calls")));
        Assert.Equal(["list2"], Ids(await GetAsync("/v2/fns/fn-list/calls?cold=true")));
        Assert.Equal(["list3"], Ids(await GetAsync("/v2/fns/fn-list/calls?failed=true")));
        var page = await GetAsync("/v2/fns/fn-list/calls?per_page=2");
        Assert.Equal(["list4", "list3"], Ids(page));
        Assert.Equal(["list2", "list1"], Ids(await GetAsync($"/v2/fns/fn-list/calls?per_page=2&cursor={page["next_cursor"]}")));
    }

    [Fact]
    public async Task Get_KnownCall_TellsAllOfIt()
    {
        Record("get1", "fn-get", cold: true, CallError.FunctionTimedOut);

        var call = await GetAsync("/v2/calls/get1");

        Assert.Equal(
            ("get1", "fn-get", "cold", "FunctionTimedOut", 504, "no container runs"),
            ((string)call["id"]!, (string)call["fn_id"]!, (string)call["start"]!, (string)call["error"]!, (int)call["status"]!, (string)call["wait_reason"]!));
        Assert.Equal(["received", "slot_taken", "answered", "ended"], call["phases"]!.AsArray().Select(phase => (string)phase!["phase"]!));
    }

    [Fact]
    public async Task Get_CallThatNeverRan_StartedNeitherColdNorHot()
    {
        Record("none1", "fn-none", cold: false, CallError.QueueTimedOut, ran: false);
        Record("none2", "fn-none", cold: false, null);

        Assert.Equal("none", (string)(await GetAsync("/v2/calls/none1"))["start"]!);
        Assert.Equal("hot", (string)(await GetAsync("/v2/calls/none2"))["start"]!);
        Assert.Equal(["none2"], Ids(await GetAsync("/v2/fns/fn-none/calls?cold=false")));
        Assert.Equal(["none2", "none1"], Ids(await GetAsync("/v2/fns/fn-none/calls")));
    }

    [Fact]
    public async Task List_Calls_SaysWhatTheDayCameTo()
    {
        for (var i = 0; i < 3; i++)
            Record($"day{i}", "fn-day", cold: i == 0, i == 1 ? CallError.FunctionFailed : null, starting: i == 0 ? 400 : 0);

        var day = (await GetAsync("/v2/fns/fn-day/calls"))["last_24h"]!;

        Assert.Equal((3, 1, 1, 400.0), ((int)day["calls"]!, (int)day["cold"]!, (int)day["failed"]!, (double)day["starting"]!));
    }

    [Fact]
    public async Task Get_UnknownCallOfACluster_SaysWhichCallsOthersKnowAlone()
    {
        await using var own = new TestGateway(services => services.AddSingleton<ICallShare>(new LoopCallShare()), "--Fn:History:MaxShared=7");
        await own.StartAsync();

        var answer = await own.Client.GetAsync("/v2/calls/unknown");

        Assert.Equal(404, answer.Status);
        Assert.EndsWith("of more than 7 calls a second a gateway tells the others of the cold and failed ones first\"}\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_UnknownCall_Is404AndSaysHowLongCallsAreKept()
    {
        var answer = await gateway.Client.GetAsync("/v2/calls/unknown");
        Assert.Equal((404, "{\"message\":\"Call not found: calls are kept for 15m after their end, fewer of a function that is called often\"}\n"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task List_UnknownFunction_Is404()
    {
        var answer = await gateway.Client.GetAsync("/v2/fns/unknown/calls");
        Assert.Equal((404, "{\"message\":\"Fn not found\"}\n"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("cold=maybe")]
    [InlineData("failed=2")]
    public async Task List_BadFilter_Is400(string query)
    {
        var answer = await gateway.Client.GetAsync("/v2/fns/any/calls?" + query);
        Assert.Equal((400, "{\"message\":\"Invalid filter: cold and failed are true or false\"}\n"), (answer.Status, answer.Body));
    }

    private static IEnumerable<string> Ids(JsonNode list) => list["items"]!.AsArray().Select(call => (string)call!["id"]!);

    private async Task<JsonNode> GetAsync(string path)
    {
        var answer = await gateway.Client.GetAsync(path);
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Body)!;
    }

    /// <param name="id">The call.</param>
    /// <param name="functionId">Its function.</param>
    /// <param name="cold">Whether it waited for a start.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="ran">Whether it held a slot.</param>
    /// <param name="starting">What the start took, in milliseconds.</param>
    private void Record(string id, string functionId, bool cold, CallError? error, bool ran = true, int starting = 0)
    {
        var timeline = new CallTimeline(gateway.Time) { Cold = cold, Reason = cold ? "no container runs" : null };
        var ready = timeline[CallPhase.Received] + starting * gateway.Time.TimestampFrequency / 1000;
        if (starting > 0)
        {
            timeline.Mark(CallPhase.StartGranted, timeline[CallPhase.Received]);
            timeline.Mark(CallPhase.Ready, ready);
        }
        foreach (var phase in ran ? (CallPhase[])[CallPhase.SlotTaken, CallPhase.Answered] : [])
            timeline.Mark(phase, ready);
        timeline.Mark(CallPhase.Ended, ready);
        gateway.Services.GetRequiredService<CallHistory>().Record(new EndedCall(id, functionId, timeline, error is null ? 200 : 504, error, Detached: false));
    }
}
