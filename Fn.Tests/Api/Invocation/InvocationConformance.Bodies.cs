using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Api.Invocation;

/// <summary><c>POST /invoke/{fnId}</c>: bodies, and ends before the end.</summary>
public abstract partial class InvocationConformance
{
    [Fact]
    public async Task Invoke_ChunkedBody_ReachesTheFunctionWhileClientStillSends()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", Cancel);
        var call = await NextCallAsync();
        Assert.Null(call.Offer.Body.Length);
        using var reader = new StreamReader(call.OpenBody());
        var text = new char[5];

        await reader.ReadBlockAsync(text, Cancel);
        Assert.Equal("first", new string(text));
        await Client.SendAsync("5\r\nlater\r\n0\r\n\r\n", Cancel);
        Assert.Equal("later", await reader.ReadToEndAsync(Cancel));

        await call.AnswerAsync("done");
        Assert.Equal("done", (await ReadAsync()).Body);
    }

    [Fact]
    public async Task Invoke_LargeBodyOfKnownLength_IsAskedForOnlyByTheFunction()
    {
        const int length = 100_000;
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n", Cancel);
        var call = await NextCallAsync();
        Assert.Equal(length, call.Offer.Body.Length);
        Assert.DoesNotContain(call.Offer.Headers, header => header.Name == "Expect");

        var reading = call.ReadBodyAsync(Cancel);

        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await Client.ReadHeadAsync(Cancel));
        await Client.SendAsync(new string('x', length), Cancel);
        Assert.Equal(length, (await reading).Length);
        await call.AnswerAsync("done");
        Assert.Equal("done", (await ReadAsync()).Body);
    }

    [Fact]
    public async Task Invoke_RefusedWithBodyHeldBack_NeverAsksForIt()
    {
        Runner.RefuseAll = NotPlacedReason.Draining;
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 503 ", await Client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_NoBodyAtAll_IsEmpty()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\n\r\n", Cancel);

        var call = await NextCallAsync();

        Assert.Equal(0, call.Offer.Body.Length);
        Assert.True(call.Offer.Body.IsBuffered);
    }

    [Fact]
    public async Task Invoke_ContentLengthOverLimit_413WithoutCallIdBeforeAnythingElse()
    {
        await Client.SendAsync("POST /invoke/nosuch HTTP/1.1\r\nHost: x\r\nContent-Length: 200001\r\n\r\n", Cancel);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 413 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Content-Length too large for this server, 200001 \\u003e max 200000\"}\n", body);
        Assert.Empty(ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_ChunkedBodyAtLimit_Passes()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{MaxRequestSize:x}\r\n", Cancel);
        var call = await NextCallAsync();
        var reading = call.ReadBodyAsync(Cancel);
        await Client.SendAsync(new string('x', (int)MaxRequestSize) + "\r\n0\r\n\r\n", Cancel);

        Assert.Equal(MaxRequestSize, (await reading).Length);
        call.Accept();
    }

    [Fact]
    public async Task Invoke_ChunkedBodyOverLimit_FailsForTheFunctionAnd502()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{MaxRequestSize + 1:x}\r\n", Cancel);
        var call = await NextCallAsync();
        var reading = call.ReadBodyAsync(Cancel);
        await Client.SendAsync(new string('x', (int)MaxRequestSize + 1) + "\r\n0\r\n\r\n", Cancel);

        await Assert.ThrowsAnyAsync<IOException>(() => reading);
        call.Fail(new CallFailure(CallError.ClientLeft));
        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 502 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"error receiving function response\"}\n", body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Invoke_AnswerOfUnknownLength_ArrivesWhileFunctionStillWrites(bool typed)
    {
        await SendAsync();
        var answer = (await NextCallAsync()).Answer(200, typed ? [new("Content-Type", "text/event-stream")] : []);

        await answer.WriteAsync("first"u8.ToArray());
        var first = await Client.ReadUntilAsync("5\r\nfirst\r\n", Cancel);
        await answer.WriteAsync("later"u8.ToArray());
        await Client.ReadUntilAsync("5\r\nlater\r\n", Cancel);
        answer.End();
        await Client.ReadUntilAsync("0\r\n\r\n", Cancel);

        Assert.Equal([typed ? "text/event-stream" : "text/plain; charset=utf-8"], ValuesOf(first, "Content-Type"));
        Assert.Equal(["chunked"], ValuesOf(first, "Transfer-Encoding"));
        Assert.True(await answer.Disposed);
    }

    [Fact]
    public async Task Invoke_TypedAnswerWithoutBodyYet_HeadArrives()
    {
        await SendAsync();
        var answer = (await NextCallAsync()).Answer(200, [new("Content-Type", "text/event-stream")]);

        Assert.StartsWith("HTTP/1.1 200 ", await Client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
        answer.End();
        await Client.ReadUntilAsync("0\r\n\r\n", Cancel);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Invoke_StatusWithoutBody_HasNone(int status)
    {
        await SendAsync();
        var answer = (await NextCallAsync()).Answer(status);
        answer.End();

        var head = await Client.ReadHeadAsync(Cancel);

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Single(ValuesOf(head, "Fn-Call-Id"));
        Assert.True(await answer.Disposed);
    }

    [Fact]
    public async Task Invoke_AnswerBreaksBeforeItsFirstByte_AnswersCleanly()
    {
        await SendAsync();
        var call = await NextCallAsync();
        var answer = ScriptedAnswer.Create(200);
        answer.Break(CallError.AnswerTooLarge);
        call.Give(answer);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 502 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"function response body too large\"}\n", body);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100L)]
    public async Task Invoke_AnswerBreaksAfterItsHead_ClientSeesABrokenBody(long? length)
    {
        await SendAsync();
        var answer = (await NextCallAsync()).Answer(200, [], length);
        await answer.WriteAsync("part"u8.ToArray());
        await Client.ReadUntilAsync("part", Cancel);

        answer.Break(CallError.FunctionTimedOut);

        Assert.DoesNotContain("0\r\n\r\n", await Client.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_ClientLeavesInABufferedBody_NothingIsOffered()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart", Cancel);
        Client.Close();
        using var other = await RawConnection.ConnectAsync(Gateway.EndPoint, Cancel);
        await other.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", Cancel);
        await (await NextCallAsync()).AnswerAsync("done");
        await other.ReadUntilAsync("done", Cancel);

        await Gateway.StopAsync();

        Assert.Equal(1, Runner.Offers);
    }

    [Fact]
    public async Task Invoke_ClientLeavesInAStreamedBody_FunctionsReadFails()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", Cancel);
        var call = await NextCallAsync();
        var body = call.OpenBody();
        await body.ReadExactlyAsync(new byte[4], Cancel);

        Client.Close();

        await Assert.ThrowsAnyAsync<IOException>(async () => Assert.NotEqual(0, await body.ReadAsync(new byte[1], Cancel)));
        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Invoke_ClientLeavesWhileWaiting_RunnerIsTold()
    {
        await SendAsync();
        var call = await NextCallAsync();

        Client.Close();

        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Invoke_ClientLeavesInTheAnswer_AnswerIsGivenBackUnread()
    {
        await SendAsync();
        var answer = (await NextCallAsync()).Answer();
        await answer.WriteAsync("part"u8.ToArray());
        await Client.ReadUntilAsync("part", Cancel);

        Client.Close();

        Assert.False(await answer.Disposed.WaitAsync(Cancel));
    }

    [Fact]
    public async Task Invoke_FailsInTheMiddleOfASlowBody_AnswersWithoutTheRest()
    {
        await Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", Cancel);
        var call = await NextCallAsync();
        await call.OpenBody().ReadExactlyAsync(new byte[4], Cancel);

        call.Fail(new CallFailure(CallError.FunctionTimedOut));

        var (head, body) = await ReadAsync();
        Assert.StartsWith("HTTP/1.1 504 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Timed out\"}\n", body);
    }
}
