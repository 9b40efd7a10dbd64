using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.Api.Invocation;

/// <summary><c>POST /invoke/{fnId}</c>, byte for byte: heads and errors.</summary>
public abstract partial class InvocationConformance : InvocationTestsBase
{
    [Fact]
    public async Task Invoke_Answer_PassesThrough()
    {
        await SendAsync("Content-Type: text/x\r\n", "hi");
        var call = await NextCallAsync();
        Assert.Equal("hi"u8.ToArray(), await call.ReadBodyAsync(Cancel));
        await call.AnswerAsync("hello", 200, [new("Content-Type", "text/y"), new("X-Mine", "1"), new("Fn-Fdk-Version", "fdk")]);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Equal("hello", body);
        Assert.Equal(["text/y"], ValuesOf(head, "Content-Type"));
        Assert.Equal(["1"], ValuesOf(head, "X-Mine"));
        Assert.Equal(["fdk"], ValuesOf(head, "Fn-Fdk-Version"));
        Assert.Equal([call.Offer.CallId], ValuesOf(head, "Fn-Call-Id"));
        Assert.Equal(["hot"], ValuesOf(head, "Fn-Start"));
        Assert.Equal(["scripted"], ValuesOf(head, "Fn-Runner"));
        Assert.Matches(@"^queue;dur=[\d.]+, start;dur=0, run;dur=[\d.]+$", Assert.Single(ValuesOf(head, "Server-Timing")));
        Assert.Empty(ValuesOf(head, "Server"));
        Assert.Empty(ValuesOf(head, "Transfer-Encoding"));
    }

    [Fact]
    public async Task Invoke_Head_BecomesTheOffer()
    {
        await Client.SendAsync($"POST {Path}?a=%20b&c HTTP/1.1\r\nHost: gateway:8080\r\nX-One: 1\r\nContent-Length: 0\r\n\r\n", Cancel);

        var offer = (await NextCallAsync()).Offer;

        Assert.Equal("POST", offer.Method);
        Assert.Equal($"http://gateway:8080{Path}?a=%20b&c", offer.RequestUrl.ToString());
        Assert.Equal(26, offer.CallId.Length);
        Assert.Equal(TimeSpan.FromSeconds(120).TotalMilliseconds, offer.Wait!.Value.TotalMilliseconds, 30_000.0);
        Assert.False(offer.Detached);
        Assert.Equal([new Header("X-One", "1")], offer.Headers);
    }

    [Fact]
    public async Task Invoke_WholeUrlAsTarget_IsTheUrl()
    {
        await Client.SendAsync($"POST http://gateway:8080{Path}?x HTTP/1.1\r\nHost: gateway:8080\r\nContent-Length: 0\r\n\r\n", Cancel);

        Assert.Equal($"http://gateway:8080{Path}?x", (await NextCallAsync()).Offer.RequestUrl.ToString());
    }

    [Fact]
    public async Task Invoke_ClientsHopAndForgedHeaders_DoNotReachTheFunction()
    {
        await SendAsync("""
            Proxy-Connection: x
            Keep-Alive: x
            Proxy-Authenticate: x
            Proxy-Authorization: x
            TE: gzip
            Trailer: x
            Fn-Offer-Wait: now
            Fn-Offer-Detached: 1
            Fn-Offer-Line-1: X-Forged: 1
            Fn-Outcome: answer
            Fn-Timeline: cold=1
            Fn-Error: Internal
            Fn-Intent: httprequest
            X-Kept: 1

            """.ReplaceLineEndings("\r\n"));

        var offer = (await NextCallAsync()).Offer;

        Assert.Equal([new Header("Fn-Intent", "httprequest"), new Header("X-Kept", "1")], offer.Headers.OrderBy(header => header.Name));
        Assert.NotNull(offer.Wait);
        Assert.False(offer.Detached);
    }

    [Fact]
    public async Task Invoke_TeTrailers_ReachesTheFunction()
    {
        await SendAsync("TE: trailers\r\n");

        Assert.Equal([new Header("TE", "trailers")], (await NextCallAsync()).Offer.Headers);
    }

    [Fact]
    public async Task Invoke_FunctionsHopAndForgedHeaders_DoNotReachTheClient()
    {
        await SendAsync();
        await (await NextCallAsync()).AnswerAsync("x", 200,
        [
            new("Connection", "close"), new("Keep-Alive", "x"), new("Trailer", "x"), new("Upgrade", "x"), new("Proxy-Authenticate", "x"), new("Te", "gzip"),
            new("Fn-Outcome", "failed"), new("Fn-Error", "x"), new("Fn-Timeline", "cold=1"), new("Fn-Start", "cold"), new("Fn-Runner", "x"), new("Fn-Limit", "x"),
            new("X-Control", "a\u0001"), new("bad name", "x"), new("X-Kept", "1"), new("Server-Timing", "db;dur=1"),
        ]);

        var (head, _) = await ReadAsync();

        foreach (var name in new[] { "Connection", "Keep-Alive", "Trailer", "Upgrade", "Proxy-Authenticate", "Te", "Fn-Outcome", "Fn-Error", "Fn-Timeline", "Fn-Limit", "X-Control", "bad name" })
            Assert.Empty(ValuesOf(head, name));
        Assert.Equal(["hot"], ValuesOf(head, "Fn-Start"));
        Assert.Equal(["scripted"], ValuesOf(head, "Fn-Runner"));
        Assert.Equal(["1"], ValuesOf(head, "X-Kept"));
        Assert.Equal(2, ValuesOf(head, "Server-Timing").Count);
        Assert.Equal("db;dur=1", ValuesOf(head, "Server-Timing")[1]);
    }

    [Fact]
    public async Task Invoke_FunctionSetsACallId_ComesAfterOurs()
    {
        await SendAsync();
        var call = await NextCallAsync();
        await call.AnswerAsync("x", 200, [new("Fn-Call-Id", "mine")]);

        var (head, _) = await ReadAsync();

        Assert.Equal([call.Offer.CallId, "mine"], ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_Headers_KeepBytesAndLinesBothWays()
    {
        await SendAsync("X-Many: a\r\nX-Latin: \u00fc\u00ff\r\nX-Many: b, c\r\n");
        var call = await NextCallAsync();
        Assert.Equal(["a", "b, c"], ValuesOf(call.Offer, "X-Many"));
        Assert.Equal(["\u00fc\u00ff"], ValuesOf(call.Offer, "X-Latin"));
        await call.AnswerAsync("x", 200, [new("Set-Cookie", "a=1"), new("X-Latin", "\u00e9"), new("Set-Cookie", "b=2"), new("Date", "Mon, 01 Jan 2001 00:00:00 GMT")]);

        var (head, _) = await ReadAsync();

        Assert.Equal(["a=1", "b=2"], ValuesOf(head, "Set-Cookie"));
        Assert.Equal(["\u00e9"], ValuesOf(head, "X-Latin"));
        Assert.Equal(["Mon, 01 Jan 2001 00:00:00 GMT"], ValuesOf(head, "Date"));
    }

    [Theory]
    [InlineData("<html><body>", "text/html; charset=utf-8")]
    [InlineData("hello", "text/plain; charset=utf-8")]
    [InlineData("{\"a\":1}", "text/plain; charset=utf-8")]
    [InlineData("\u0000\u0001", "application/octet-stream")]
    public async Task Invoke_NoContentType_IsGuessed(string body, string type)
    {
        await SendAsync();
        await (await NextCallAsync()).AnswerAsync(body);

        var (head, _) = await ReadAsync();

        Assert.Equal([type], ValuesOf(head, "Content-Type"));
    }

    [Fact]
    public async Task Invoke_EmptyBody_GetsNoContentType()
    {
        await SendAsync();
        await (await NextCallAsync()).AnswerAsync("");

        var (head, body) = await ReadAsync();

        Assert.Empty(ValuesOf(head, "Content-Type"));
        Assert.Empty(body);
    }

    [Fact]
    public async Task Invoke_Detached_202AtOnceWithoutBody()
    {
        await SendAsync("Fn-Invoke-Type: detached\r\n", "hi");
        var call = await NextCallAsync();
        Assert.True(call.Offer.Detached);
        call.Accept();

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 202 Accepted\r\n", head, StringComparison.Ordinal);
        Assert.Equal([call.Offer.CallId], ValuesOf(head, "Fn-Call-Id"));
        Assert.Empty(body);
    }

    [Theory]
    [InlineData("Detached")]
    [InlineData("sync")]
    [InlineData("detached, detached")]
    public async Task Invoke_OtherInvokeTypes_AreSync(string type)
    {
        await SendAsync($"Fn-Invoke-Type: {type}\r\n");

        Assert.False((await NextCallAsync()).Offer.Detached);
    }

    [Fact]
    public async Task Invoke_UnknownFunction_404WithoutCallId()
    {
        await Client.SendAsync("POST /invoke/nosuch HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", Cancel);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 404 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Fn not found\"}\n", body);
        Assert.Equal(["application/json; charset=utf-8"], ValuesOf(head, "Content-Type"));
        Assert.Empty(ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_PathInCapitals_IsNotFound()
    {
        await Client.SendAsync($"POST {Path.Replace("invoke", "INVOKE", StringComparison.Ordinal)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", Cancel);

        Assert.Equal("{\"message\":\"Path not found: POST /INVOKE/01FUNCTION0000000000000000\"}\n", (await ReadAsync()).Body);
    }

    [Fact]
    public async Task Invoke_FailureWithLimitAndPrediction_IsToldWhole()
    {
        await SendAsync();
        var call = await NextCallAsync();
        call.Fail(new CallFailure(CallError.QueueTimedOut) { RetryAfter = TimeSpan.FromMilliseconds(2100), Limit = "Fn:Calls:QueueTimeout=120s" });

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Timed out - server too busy\"}\n", body);
        Assert.Equal(["3"], ValuesOf(head, "Retry-After"));
        Assert.Equal(["Fn:Calls:QueueTimeout=120s"], ValuesOf(head, "Fn-Limit"));
        Assert.Equal([call.Offer.CallId], ValuesOf(head, "Fn-Call-Id"));
        Assert.Empty(ValuesOf(head, "Fn-Start"));
    }

    [Fact]
    public async Task Invoke_NobodyTakesIt_503()
    {
        Runner.RefuseAll = NotPlacedReason.Draining;
        await SendAsync();

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"Timed out - server too busy\"}\n", body);
        Assert.Equal(["15"], ValuesOf(head, "Retry-After"));
        Assert.Single(ValuesOf(head, "Fn-Call-Id"));
    }

    [Fact]
    public async Task Invoke_EngineBug_500()
    {
        Runner.Bug = new InvalidOperationException("secret");
        await SendAsync();

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 500 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"internal server error\"}\n", body);
        Assert.Single(ValuesOf(head, "Fn-Call-Id"));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(1000)]
    public async Task Invoke_StatusThatIsNone_502(int status)
    {
        await SendAsync();
        (await NextCallAsync()).Answer(status);

        var (head, body) = await ReadAsync();

        Assert.StartsWith("HTTP/1.1 502 ", head, StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"invalid function response\"}\n", body);
    }

    [Fact]
    public async Task Invoke_OneAfterAnother_OnOneConnection()
    {
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(body: $"{i}");
            var call = await NextCallAsync();
            if (i % 2 == 0)
                await call.AnswerAsync($"{i}");
            else
                call.Fail(new CallFailure(CallError.FunctionFailed));
            Assert.Equal(i % 2 == 0 ? $"{i}" : "{\"message\":\"function failed\"}\n", (await ReadAsync()).Body);
        }
        Assert.Equal(5, Runner.Executions);
    }
}
