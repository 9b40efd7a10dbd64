using System.Text.Json.Nodes;
using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;
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

    private void Record(string id, string functionId, bool cold, CallError? error)
    {
        var timeline = new CallTimeline(gateway.Time) { Cold = cold, Reason = cold ? "no container runs" : null };
        foreach (var phase in (CallPhase[])[CallPhase.SlotTaken, CallPhase.Answered, CallPhase.Ended])
            timeline.Mark(phase);
        gateway.Services.GetRequiredService<CallHistory>().Record(new EndedCall(id, functionId, timeline, error is null ? 200 : 504, error, Detached: false));
    }
}
