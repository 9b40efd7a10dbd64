using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Clients that ask for what they may not have, write what is no request, break off or leave.</summary>
public abstract class BadCallersTests<TPlatform>(TPlatform shared) : IClassFixture<TPlatform>
    where TPlatform : BadCallersPlatform
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Invoke => $"POST /invoke/{shared.Function}";

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData("the-management-token-and-more")]
    public async Task Invoke_WrongToken_Is401(string token) =>
        Assert.Equal((401, Error("Unauthorized")), await shared.AskAsync(Invoke, "Content-Length: 0\r\n", token: token));

    [Fact]
    public async Task Manage_InvocationToken_Is401() =>
        Assert.Equal((401, Error("Unauthorized")), await shared.AskAsync("GET /v2/apps", "", token: BadCallersPlatform.InvokeToken));

    [Fact]
    public async Task Manage_ForeignOrigin_Is403() => Assert.Equal(
        (403, Error("Origin not allowed")), await shared.AskAsync("GET /v2/apps", "Origin: http://elsewhere.example\r\n", token: BadCallersPlatform.Token));

    [Theory]
    [InlineData("GET /invoke/{0}", 405, "Method not allowed: GET /invoke/{0}")]
    [InlineData("PUT /invoke/{0}", 405, "Method not allowed: PUT /invoke/{0}")]
    [InlineData("POST /Invoke/{0}", 404, "Path not found: POST /Invoke/{0}")]
    [InlineData("POST /invoke", 404, "Path not found: POST /invoke")]
    [InlineData("POST /invoke/{0}/more", 404, "Path not found: POST /invoke/{0}/more")]
    [InlineData("POST /invoke/01M85Z1T2CZV0NM70JHG000002", 404, "Fn not found")]
    [InlineData("POST /invoke/no-id-at-all", 404, "Fn not found")]
    public async Task Invoke_WrongMethodPathOrId_IsAnError(string request, int status, string message)
    {
        var id = shared.Function;
        Assert.Equal((status, Error(Fill(message))), await shared.AskAsync(Fill(request), "Content-Length: 0\r\n", token: BadCallersPlatform.Token));

        string Fill(string text) => text.Replace("{0}", id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_BodyKnownToBeTooLarge_Is413BeforeAnythingIsSent() => Assert.Equal(
        (413, Error("Content-Length too large for this server, 262145 \\u003e max 262144")), await shared.AskAsync(Invoke, "Content-Length: 262145\r\n"));

    [Fact]
    public async Task Invoke_ChunkedBodyGetsTooLarge_IsCutThere()
    {
        var (status, body) = await shared.AskAsync(Invoke, "Transfer-Encoding: chunked\r\n", $"41000\r\n{new string('x', 0x41000)}\r\n0\r\n\r\n");

        Assert.Equal((502, Error("error receiving function response")), (status, body));
        await AssertServesAsync();
    }

    [Fact]
    public async Task Invoke_HeadersTooLarge_Is431()
    {
        var (status, _) = await shared.AskAsync(Invoke, $"X-Large: {new string('x', 1 << 20)}\r\n");

        Assert.Equal(431, status);
    }

    [Fact]
    public async Task Invoke_BodyIsNoChunks_Is400AndTheFunctionServesOn()
    {
        var (status, body) = await shared.AskAsync(Invoke, "Transfer-Encoding: chunked\r\n", "no chunk\r\n");

        Assert.Equal((400, Error("Bad request")), (status, body));
        await AssertServesAsync();
    }

    [Fact]
    public async Task Invoke_MoreMemoryThanThereIs_Is400AtOnce()
    {
        var function = await shared.Platform.CreateFaultyAsync("large", memoryMiB: 128);

        var outcome = await CallOutcome.OfAsync(shared.Platform.Http, function, "echo");

        Assert.Equal((400, "Requested CPU/Memory cannot be allocated"), (outcome.Status, outcome.Message));
        Assert.Null(outcome.CallId);
    }

    [Theory]
    [InlineData("process:/nosuch/function", 404, "/nosuch/function: no such file under ")]
    [InlineData("process:/etc/passwd", 403, "/etc/passwd: outside the directories allowed for process images: ")]
    public async Task Invoke_ImageIsNotToBeHad_SaysWhy(string image, int status, string reason)
    {
        var function = await shared.Platform.CreateAsync($"image-{status}", image, "http");

        var outcome = await CallOutcome.OfAsync(shared.Platform.Http, function, null);

        Assert.Equal(status, outcome.Status);
        Assert.StartsWith($"Failed to pull image '{image}': {reason}", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_SmallAndBrokenOff_IsNoCall()
    {
        var file = shared.NewFile();
        using (var connection = await shared.SendAsync(Invoke, $"Faulty: count-executions {file}\r\nContent-Length: 10\r\n", "half:"))
            connection.Reset();

        await AssertServesAsync();
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("Content-Length: 204800\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "1000\r\n")]
    public async Task Body_LargeAndBrokenOff_CostsItsContainerOnly(string length, string chunk)
    {
        var process = await shared.ProcessAsync();
        var file = shared.NewFile();
        using (var connection = await shared.SendAsync(Invoke, $"Faulty: count-executions {file}\r\n{length}", chunk + "the beginning of it"))
        {
            await BadCallersPlatform.ExecutedAsync(file);
            connection.Reset();
        }

        Assert.NotEqual(process, await shared.ProcessAsync());
        Assert.Single(await File.ReadAllLinesAsync(file, Cancel));
        await Eventually.HoldsAsync(() => !Leftovers.IsAlive(process), "the container is gone");
    }

    [Fact]
    public async Task Client_LeavesACallThatEndsSoon_KeepsTheContainer()
    {
        var process = await shared.ProcessAsync();
        await LeaveAsync("sleep 200");

        Assert.Equal(process, await shared.ProcessAsync());
    }

    [Fact]
    public async Task Client_LeavesACallThatDoesNotEnd_CostsTheContainer()
    {
        var process = await shared.ProcessAsync();
        await LeaveAsync("nothing");

        // Long before the function's own timeout, which is beyond this test's.
        Assert.NotEqual(process, await shared.ProcessAsync());
    }

    [Fact]
    public async Task Client_LeavesInTheMiddleOfTheAnswer_CostsTheContainer()
    {
        var process = await shared.ProcessAsync();
        using (var connection = await shared.SendAsync(Invoke, "Faulty: stall\r\nContent-Length: 0\r\n"))
        {
            await connection.ReadUntilAsync("abcdefghijklmnopqrstuvwxyz", Cancel);
            connection.Reset();
        }

        Assert.NotEqual(process, await shared.ProcessAsync());
    }

    private static string Error(string message) => $"{{\"message\":\"{message}\"}}\n";

    /// <summary>Begins a call and leaves it once the function has seen it.</summary>
    private async Task LeaveAsync(string behaviour)
    {
        var file = shared.NewFile();
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var call = shared.CallAsync($"count-executions {file} {behaviour}", cancel: leave.Token);
        await BadCallersPlatform.ExecutedAsync(file);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private async Task AssertServesAsync()
    {
        var outcome = await shared.CallAsync("echo", new StringContent("next"));
        Assert.Equal((200, "next"), (outcome.Status, outcome.Body));
    }
}

public sealed class BadCallersAtGatewayTests(BadCallersAtGateway shared) : BadCallersTests<BadCallersAtGateway>(shared);

public sealed class BadCallersBeforeRunnerTests(BadCallersBeforeRunner shared) : BadCallersTests<BadCallersBeforeRunner>(shared)
{
    private readonly BadCallersBeforeRunner _shared = shared;

    [Fact]
    public async Task Client_LeavesWhileItsCallWaits_TakesTheCallOffTheQueue()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (busy, waiting) = (_shared.NewFile(), _shared.NewFile());
        var other = await _shared.Platform.CreateFaultyAsync("other");
        using var release = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var holder = _shared.CallAsync($"count-executions {busy} nothing", cancel: release.Token);
        await BadCallersPlatform.ExecutedAsync(busy);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waiter = CallOutcome.OfAsync(_shared.Platform.Http, other, $"count-executions {waiting}", cancel: leave.Token);
        await Eventually.HoldsAsync(async () => (await _shared.Platform.StatusAsync()).Waiting == 1, "the call waits");

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        await Eventually.HoldsAsync(async () => await _shared.Platform.StatusAsync() is { Waiting: 0, StartsQueued: 0 }, "nothing waits");
        await release.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holder);
        Assert.Equal(200, (await CallOutcome.OfAsync(_shared.Platform.Http, other, "echo", cancel: cancel)).Status);
        Assert.False(File.Exists(waiting));
    }
}
