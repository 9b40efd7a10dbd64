using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Api.Invocation;

/// <summary>The contract's table of errors of the data plane, row by row, as its clients see it.</summary>
public abstract partial class InvocationConformance
{
    [Theory]
    [InlineData(CallError.RequestTooLarge, 502, "error receiving function response")]
    [InlineData(CallError.FunctionTimedOut, 504, "Timed out")]
    [InlineData(CallError.FunctionFailed, 502, "function failed")]
    [InlineData(CallError.InvalidStatus, 502, "invalid function response")]
    [InlineData(CallError.AnswerBroken, 502, "error receiving function response")]
    [InlineData(CallError.InvalidHttpResponse, 502, "error receiving function response")]
    [InlineData(CallError.OutOfMemory, 502, "error receiving function response")]
    [InlineData(CallError.AnswerCutShort, 500, "internal server error")]
    [InlineData(CallError.AnswerTooLarge, 502, "function response body too large")]
    [InlineData(CallError.AnswerHeadersTooLarge, 502, "function response header too large")]
    [InlineData(CallError.InitializationFailed, 502, "Container failed to initialize, please ensure you are using the latest fdk and check the logs")]
    [InlineData(CallError.InitializationTimedOut, 504, "Container initialization timed out, please ensure you are using the latest fdk and check the logs")]
    [InlineData(CallError.PullFailed, 502, "Failed to pull image 'example/hello:0.0.1': no \"such\" image")]
    [InlineData(CallError.PullTimedOut, 504, "Image pull timed out")]
    [InlineData(CallError.ImageHasVolume, 400, "image has Volume definition")]
    [InlineData(CallError.StartFailed, 500, "internal server error")]
    [InlineData(CallError.AnsweredEarly, 502, "function invoked write before receiving entire request")]
    [InlineData(CallError.InputClosed, 502, "function closed pipe while receiving request")]
    public async Task Invoke_CallFails_HasStatusMessageAndCallIdOfItsRow(CallError error, int status, string message)
    {
        await SendAsync();
        var call = await NextCallAsync();
        call.Fail(new CallFailure(error) { Detail = "no \"such\" image" });

        var (head, body) = await ReadAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Equal($"{{\"message\":\"{message.Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}\n", body);
        Assert.Equal(["application/json; charset=utf-8"], ValuesOf(head, "Content-Type"));
        Assert.Equal([call.Offer.CallId], ValuesOf(head, "Fn-Call-Id"));
        Assert.Empty(ValuesOf(head, "Retry-After"));
    }

    [Theory]
    [InlineData(CallError.QueueTimedOut)]
    [InlineData(CallError.QueueFull)]
    [InlineData(CallError.NoRunner)]
    [InlineData(CallError.EngineUnavailable)]
    public async Task Invoke_NoRoom_Is503WithRetryAfter15(CallError error)
    {
        await SendAsync();
        var call = await NextCallAsync();
        call.Fail(new CallFailure(error));

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Timed out - server too busy\"}\n", body);
        Assert.Equal(["15"], ValuesOf(head, "Retry-After"));
        Assert.Equal([call.Offer.CallId], ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_MemoryOverTheTotal_Is400WithoutCallId()
    {
        await SendAsync();
        (await NextCallAsync()).Fail(new CallFailure(CallError.MemoryAboveBudget));

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Requested CPU/Memory cannot be allocated\"}\n", body);
        Assert.Empty(ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_PullFailedWithAStatusOfTheRegistry_HasThatStatus()
    {
        await SendAsync();
        (await NextCallAsync()).Fail(new CallFailure(CallError.PullFailed) { Status = 404, Detail = "not found" });

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 404 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Failed to pull image 'example/hello:0.0.1': not found\"}\n", body);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Invoke_OtherMethodThanPost_Is405(string method)
    {
        await Client.SendAsync($"{method} {Path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", Cancel);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 405 ", head, StringComparison.Ordinal);
        Assert.Equal($"{{\"message\":\"Method not allowed: {method} {Path}\"}}\n", body);
    }

    [Fact]
    public async Task Invoke_ClientsOwnTracingHeaders_ReachTheFunction()
    {
        await SendAsync("X-B3-TraceId: 463ac35c9f6413ad48485a3953bb6124\r\nX-B3-SpanId: a2fb4a1d1a96d312\r\nUser-Agent: curl/8\r\nAccept: */*\r\n");

        var offer = (await NextCallAsync()).Offer;

        Assert.Equal(
            [new Header("Accept", "*/*"), new("User-Agent", "curl/8"), new("X-B3-SpanId", "a2fb4a1d1a96d312"), new("X-B3-TraceId", "463ac35c9f6413ad48485a3953bb6124")],
            offer.Headers.OrderBy(header => header.Name, StringComparer.Ordinal));
    }
}
