using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fn.Tests.Api.Store.Postgres;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>What can be learnt of calls that are over, from the gateway that had them and from others.</summary>
public sealed class HistoryTests(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_TwoGateways_AreFoundAtEitherAndByOneThatJoins()
    {
        await using var cluster = await Cluster.StartAsync(postgres, gateways: 2, runners: 1, "--Fn:Cluster:Lease=30s");
        var function = await cluster.CreateAsync("f");
        var cold = await cluster.CallAsync(0, function, "log 1");
        var hot = await cluster.CallAsync(1, function);
        var failed = await cluster.CallAsync(1, function, "exit");
        Assert.Equal((200, 200, 502), (cold.Status, hot.Status, failed.Status));

        // What a gateway has not told when it is killed is lost.
        await FindAsync(cluster, 0, failed.CallId!);
        await cluster.RestartGatewayAsync(1);
        foreach (var gateway in (int[])[0, 1])
        {
            var found = await FindAsync(cluster, gateway, cold.CallId!);
            Assert.Equal(("cold", 200, "no container runs"), ((string)found["start"]!, (int)found["status"]!, (string)found["wait_reason"]!));
            Assert.Equal(["received", "placed", "taken", "start_granted"], found["phases"]!.AsArray().Take(4).Select(phase => (string)phase!["phase"]!));
            Assert.True((double)found["starting"]! > 0);
            Assert.Equal("hot", (string)(await FindAsync(cluster, gateway, hot.CallId!))["start"]!);
            Assert.NotNull((await FindAsync(cluster, gateway, failed.CallId!))["error"]);
            var list = await cluster.Clients[gateway].GetFromJsonAsync<JsonNode>(new Uri($"/v2/fns/{function}/calls?failed=true", UriKind.Relative), Cancel);
            Assert.Equal([failed.CallId], list!["items"]!.AsArray().Select(call => (string?)call!["id"]));
        }
        Assert.Contains("line 0", await FirstLogLineAsync(cluster.Clients[0], function), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_OneProcess_TellWhichCallWroteWhat()
    {
        await using var platform = await Platform.StartAsync();
        var function = await platform.CreateFaultyAsync();
        var call = await platform.CallAsync(function, "log 1");

        var line = (await FirstLogLineAsync(platform.Http, function)).Split(' ', 4);

        Assert.Equal(call.CallId, line[1]);
        Assert.Equal("line 0", line[3]);
        using var unknown = await platform.Http.GetAsync(new Uri("/v2/fns/unknown/logs", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static async Task<JsonNode> FindAsync(Cluster cluster, int gateway, string callId)
    {
        JsonNode? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            using var answer = await cluster.Clients[gateway].GetAsync(new Uri($"/v2/calls/{callId}", UriKind.Relative), Cancel);
            found = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>(Cancel) : null;
            return found is not null;
        }, $"gateway {gateway} knows call {callId}");
        return found!;
    }

    private static async Task<string> FirstLogLineAsync(HttpClient http, string function)
    {
        using var answer = await http.GetAsync(new Uri($"/v2/fns/{function}/logs", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        return (await lines.ReadLineAsync(Cancel))!;
    }
}
