using System.Text.Json;
using Fn.Runner.Calls.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Runner.Calls.Http;

/// <summary>The runner's endpoints, byte for byte.</summary>
public sealed class RunnerEndpointsTests : IAsyncLifetime
{
    private const string CallId = "01CALL00000000000000000000";

    private readonly ScriptedRunner _runner = new();
    private readonly FunctionSpec _function = Samples.Function();
    private LoopbackServer _server = null!;
    private RawConnection _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedSeam.ServeAsync(_runner);
        _client = await RawConnection.ConnectAsync(_server.EndPoint, Cancel);
        var spec = JsonSerializer.Serialize(_function, WireJson.Default.FunctionSpec);
        Assert.StartsWith("HTTP/1.1 204 ", await PutAsync(_function.Revision, spec), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("Fn-Offer-Revision", null)]
    [InlineData("Fn-Offer-Method", null)]
    [InlineData("Fn-Offer-Method", "PO ST")]
    [InlineData("Fn-Offer-Url", null)]
    [InlineData("Fn-Offer-Wait", null)]
    [InlineData("Fn-Offer-Wait", "soon")]
    [InlineData("Fn-Offer-Wait", "-1")]
    [InlineData("Fn-Offer-Wait", "1.5")]
    [InlineData("Fn-Offer-Wait", "86400001")]
    [InlineData("Fn-Offer-Length", "many")]
    [InlineData("Fn-Offer-Line-2", "X: y")]
    [InlineData("Fn-Offer-Line-1", "no colon")]
    public async Task Post_MalformedPlatformHeader_400WithPlainText(string name, string? value)
    {
        var head = Head(without: name) + (value is null ? "" : $"{name}: {value}\r\n");

        await _client.SendAsync(head + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = await _client.ReadHeadAsync(Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        // Every text ends with a line break, so what was read up to there names the header.
        Assert.Contains(name.TrimEnd('1', '2'), await _client.ReadUntilAsync(".\n", Cancel), StringComparison.Ordinal);
        Assert.Equal(0, _runner.Offers);
    }

    [Theory]
    [InlineData("count=2&lease=3600000&wait=60000", 200)]
    [InlineData("count=1001&lease=1&wait=0", 400)]
    [InlineData("count=-1&lease=1&wait=0", 400)]
    [InlineData("count=1&lease=3600001&wait=0", 400)]
    [InlineData("count=1&lease=1&wait=60001", 400)]
    [InlineData("count=1&wait=0", 400)]
    [InlineData("", 400)]
    public async Task Warm_Query_IsCheckedBeforeTheWishCounts(string query, int status)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(_server.Address, $"/runner/v1/warm/{_function.Revision}?{query}"), null, Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, _runner.Wishes.Count);
        if (status == 200)
            Assert.Equal("""{"ready":2,"failure":null,"draining":false}""", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Warm_UnknownRevision_404ThatSaysSo()
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(_server.Address, "/runner/v1/warm/unknown?count=1&lease=1&wait=0"), null, Cancel);

        Assert.Equal((404, "unknown-revision"), ((int)answer.StatusCode, answer.Headers.GetValues("Fn-Not-Placed").Single()));
        Assert.Empty(_runner.Wishes);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("01call00000000000000000000")]
    [InlineData("01CALL0000000000000000000%2F")]
    public async Task Post_MalformedCallId_400(string callId)
    {
        await _client.SendAsync(Head().Replace(CallId, callId, StringComparison.Ordinal) + "Content-Length: 0\r\n\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_UnknownRevision_RefusedBeforeTheBody()
    {
        await _client.SendAsync(Head().Replace(_function.Revision, "unknown", StringComparison.Ordinal) + Streaming, Cancel);

        var answer = await _client.ReadHeadAsync(Cancel);

        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Fn-Not-Placed: unknown-revision\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(0, _runner.Offers);
    }

    [Fact]
    public async Task Post_StreamedBody_IsAskedForOnlyByTheFunction()
    {
        _runner.RefuseNext(NotPlacedReason.Full);
        await _client.SendAsync(Head() + Streaming, Cancel);
        Assert.StartsWith("HTTP/1.1 503 ", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        using var again = await RawConnection.ConnectAsync(_server.EndPoint, Cancel);
        await again.SendAsync(Head() + Streaming, Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        var reading = call.ReadBodyAsync(Cancel);

        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await again.ReadHeadAsync(Cancel));
        await again.SendAsync("2\r\nhi\r\n0\r\n\r\n", Cancel);
        Assert.Equal("hi"u8.ToArray(), await reading);
        await call.AnswerAsync("done");
        Assert.Contains("\r\n\r\ndone", await again.ReadUntilAsync("done", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BodyShorterThanAnnounced_FailsForTheFunction()
    {
        await _client.SendAsync(Head() + "Fn-Offer-Length: 9\r\n" + Streaming, Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        var reading = call.ReadBodyAsync(Cancel);
        await _client.ReadHeadAsync(Cancel);

        await _client.SendAsync("2\r\nhi\r\n0\r\n\r\n", Cancel);

        await Assert.ThrowsAnyAsync<IOException>(() => reading);
        call.Fail(new CallFailure(CallError.ClientLeft));
    }

    [Fact]
    public async Task Post_GatewayLeavesInABufferedBody_NothingIsOffered()
    {
        await _client.SendAsync(Head() + "Content-Length: 9\r\n\r\npart", Cancel);
        _client.Close();
        using var other = await RawConnection.ConnectAsync(_server.EndPoint, Cancel);
        await other.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        await (await _runner.NextCallAsync(Cancel)).AnswerAsync("done");
        await other.ReadUntilAsync("done", Cancel);

        await _server.StopAsync();

        Assert.Equal(1, _runner.Offers);
    }

    [Fact]
    public async Task Post_GatewayLeavesWhileWaiting_RunnerIsTold()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        _client.Close();

        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Post_GatewayLeavesInAStreamedBody_BodyFailsAndRunnerIsTold()
    {
        await _client.SendAsync(Head() + Streaming, Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        var reading = call.ReadBodyAsync(Cancel);
        await _client.ReadHeadAsync(Cancel);
        await _client.SendAsync("2\r\nhi\r\n", Cancel);

        _client.Close();

        await Assert.ThrowsAnyAsync<IOException>(() => reading);
        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_GatewayLeavesInTheAnswer_AnswerIsGivenBackUnread(bool reset)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer();
        await answer.WriteAsync("part"u8.ToArray());
        await _client.ReadUntilAsync("part", Cancel);

        if (reset)
            _client.Reset();
        else
            _client.Close();

        Assert.False(await answer.Disposed.WaitAsync(Cancel));
    }

    [Fact]
    public async Task Post_FunctionForgesPlatformHeaders_TheyAreDropped()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        await call.AnswerAsync("done", headers:
        [
            new("Fn-Outcome", "failed"), new("fn-error", "Internal"), new("Fn-Error-Detail", "forged"), new("Fn-Not-Placed", "full"), new("Fn-Timeline", "cold=1"),
            new("Fn-Offer-Revision", "x"), new("Connection", "close"), new("Transfer-Encoding", "chunked"), new("X-Mine", "kept"), new("bad name", "x"),
            new("X-Control", "a\u0001b"),
        ]);

        var answer = await _client.ReadHeadAsync(Cancel);

        Assert.Contains("Fn-Outcome: answer\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Fn-Timeline: cold=0;", answer, StringComparison.Ordinal);
        Assert.Contains("X-Mine: kept\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 4\r\n", answer, StringComparison.Ordinal);
        foreach (var dropped in new[] { "fn-error", "Fn-Error", "Fn-Not-Placed", "Fn-Offer", "Connection", "Transfer-Encoding", "bad name", "X-Control", "failed", "cold=1" })
            Assert.DoesNotContain(dropped, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_PlatformHeadersAmongTheClients_AreNotTheFunctions()
    {
        await _client.SendAsync(
            Head() + "Fn-Offer-Nonsense: 1\r\nFn-Outcome: answer\r\nFn-Timeline: x\r\nX-Mine: kept\r\nTE: trailers\r\nTe: gzip\r\nContent-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);

        Assert.Equal([new Header("TE", "trailers"), new Header("X-Mine", "kept")], call.Offer.Headers.OrderBy(h => h.Name));
        call.Accept();
    }

    [Theory]
    [InlineData(101)]
    [InlineData(1000)]
    public async Task Post_StatusThatCannotBePassedOn_Fails(int status)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer(status);

        Assert.Contains("Fn-Error: InvalidStatus\r\n", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        Assert.False(await answer.Disposed);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Post_StatusWithoutBody_BodyIsReadAndDropped(int status)
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var answer = (await _runner.NextCallAsync(Cancel)).Answer(status);
        await answer.WriteAsync("ignored"u8.ToArray());
        answer.End();

        Assert.StartsWith($"HTTP/1.1 {status} ", await _client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        Assert.True(await answer.Disposed);
    }

    [Fact]
    public async Task Post_AnswerBreaksBeforeItsFirstByte_FailsCleanlyWithTheCause()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        var answer = ScriptedAnswer.Create(200);
        answer.Break(CallError.AnswerTooLarge);

        call.Give(answer);

        var head = await _client.ReadHeadAsync(Cancel);
        Assert.StartsWith("HTTP/1.1 500 ", head, StringComparison.Ordinal);
        Assert.Contains("Fn-Error: AnswerTooLarge\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_EngineThrows_FailsAsBug()
    {
        _runner.Bug = new InvalidOperationException("a bug");
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);

        var head = await _client.ReadHeadAsync(Cancel);

        Assert.Contains("Fn-Outcome: failed\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Fn-Error: Internal\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WhileDraining_AnswerClosesTheConnection()
    {
        await _client.SendAsync(Head() + "Content-Length: 0\r\n\r\n", Cancel);
        var call = await _runner.NextCallAsync(Cancel);
        _runner.Draining = true;
        await call.AnswerAsync("done");

        var all = await _client.ReadToEndAsync(Cancel);

        Assert.Contains("Connection: close\r\n", all, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\ndone", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_LargeHead_Passes()
    {
        var value = new string('x', 500_000);
        await _client.SendAsync(Head() + $"X-Large: {value}\r\nX-Larger: {value}\r\nContent-Length: 0\r\n\r\n", Cancel);

        var call = await _runner.NextCallAsync(Cancel);

        Assert.Equal(value, call.Offer.Headers.Single(h => h.Name == "X-Large").Value);
        call.Accept();
    }

    [Theory]
    [InlineData("{", "no function")]
    [InlineData("null", "no function")]
    [InlineData("{\"functionId\":\"x\"}", "no function")]
    public async Task Put_NoFunction_400(string json, string problem)
    {
        Assert.StartsWith("HTTP/1.1 400 ", await PutAsync(_function.Revision, json), StringComparison.Ordinal);
        Assert.Contains(problem, await _client.ReadUntilAsync("\r\n0\r\n", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_AnotherRevision_400()
    {
        var spec = JsonSerializer.Serialize(_function, WireJson.Default.FunctionSpec);

        Assert.StartsWith("HTTP/1.1 400 ", await PutAsync("another", spec), StringComparison.Ordinal);
        Assert.Contains(_function.Revision, await _client.ReadUntilAsync(".\n", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_UnknownFields_AreIgnored()
    {
        var spec = JsonSerializer.Serialize(_function, WireJson.Default.FunctionSpec);

        Assert.StartsWith("HTTP/1.1 204 ", await PutAsync(_function.Revision, "{\"newer\":{\"x\":[1]}," + spec[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public void AddRunnerEndpoints_IdleConnections_AreKeptPracticallyForEver()
    {
        var services = new ServiceCollection().AddRunnerEndpoints().BuildServiceProvider();

        // The server closes idle connections within a second when this is infinite: it adds the span to a clock in nanoseconds.
        var keepAlive = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.KeepAliveTimeout;
        Assert.InRange(keepAlive, TimeSpan.FromDays(1), TimeSpan.FromDays(3650));
    }

    [Fact]
    public async Task GetStatus_Always_TellsTheRunnersState()
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        var json = await http.GetStringAsync(new Uri(RunnerWire.StatusPath, UriKind.Relative), Cancel);

        Assert.Equal(
            """{"runnerId":"scripted","draining":false,"memoryBudget":1024,"memoryReserved":512,"starting":1,"startingPeak":2,"startsQueued":3,"waiting":4,"running":5,"pools":[]}""",
            json);
    }

    private const string Streaming = "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";

    private string Head(string? without = null)
    {
        (string Name, string Value)[] platform =
        [
            ("Fn-Offer-Revision", _function.Revision), ("Fn-Offer-Method", "POST"), ("Fn-Offer-Url", "http://x/invoke/y"), ("Fn-Offer-Wait", "1000"),
        ];
        var lines = platform.Where(line => line.Name != without).Select(line => $"{line.Name}: {line.Value}\r\n");
        return $"POST /runner/v1/calls/{CallId} HTTP/1.1\r\nHost: runner\r\n" + string.Concat(lines);
    }

    private async Task<string> PutAsync(string revision, string json)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(json);
        await _client.SendAsync($"PUT /runner/v1/revisions/{revision} HTTP/1.1\r\nHost: runner\r\nContent-Length: {bytes.Length}\r\n\r\n", Cancel);
        await _client.SendAsync(bytes, Cancel);
        return await _client.ReadHeadAsync(Cancel);
    }
}
