using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>The format http-stream on the whole way: gateway, runner, function.</summary>
public sealed class HttpStreamTests
{
    [Fact]
    public async Task Call_EachOutcome_HasItsAnswerAndTheNextCallIsServed()
    {
        await using var platform = await Platform.StartAsync(1);
        var config = new JsonObject([.. FaultyFunction.Config.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))]);
        var id = await platform.CreateAsync("f", FaultyFunction.Image, FunctionFormat.HttpStream, timeout: 3, config: config);
        foreach (var (behaviour, status, message) in HttpStreamOutcomes.All)
        {
            var outcome = await CallOutcome.OfAsync(platform.Http, id, behaviour, new StringContent("body"));
            Assert.True((outcome.Status, outcome.Message) == (status, message), $"{behaviour}: {outcome}");
            Assert.NotNull(outcome.CallId);
            Assert.Equal((200, "next"), await NextAsync(platform, id));
        }
    }

    [Fact]
    public async Task Call_HeadOfACall_IsAPostToCallWithThePlatformsHeaders()
    {
        await using var platform = await Platform.StartAsync(1);
        var config = new JsonObject([.. FaultyFunction.Config.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))]);
        var id = await platform.CreateAsync("f", FaultyFunction.Image, FunctionFormat.HttpStream, config: config);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{id}?query=dropped") { Content = new StringContent("body") };
        request.Headers.Add(FaultyFunction.Header, "head");
        request.Headers.Add("Fn-Intent", "httprequest");
        request.Headers.Add("Fn-Deadline", "forged");

        using var answer = await platform.Http.SendAsync(request, TestContext.Current.CancellationToken);

        var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n');
        Assert.Equal("POST /call", lines[0]);
        string[] expected =
        [
            "Host: localhost", "Transfer-Encoding: chunked", "Content-Type: text/plain; charset=utf-8", "Fn-Intent: httprequest",
            $"Fn-Call-Id: {answer.Headers.GetValues("Fn-Call-Id").Single()}",
        ];
        Assert.Empty(expected.Except(lines));
        Assert.Matches("^Fn-Deadline: [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", Assert.Single(lines, line => line.StartsWith("Fn-Deadline", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.StartsWith("Accept-Encoding", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Content-Length", StringComparison.Ordinal));
    }

    private static async Task<(int Status, string Body)> NextAsync(Platform platform, string id)
    {
        var answer = await platform.CallAsync(id, "echo", "next");
        return (answer.Status, answer.Body);
    }
}
