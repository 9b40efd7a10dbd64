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
