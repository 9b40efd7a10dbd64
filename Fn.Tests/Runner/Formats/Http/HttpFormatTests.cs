using Fn.Runner.Containers;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Functions;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>Well-behaved functions of the format <c>http</c>, and what they are given. On any driver.</summary>
public abstract class HttpFormatTests(FormatHost host)
{
    private static readonly FunctionSpec Faulty = TestSpecs.Function(FaultyFunction.Image, FunctionFormat.Http, FaultyFunction.Config);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_ManyCalls_OneContainerServesThemAll()
    {
        await using var function = await StartAsync();

        for (var i = 0; i < host.ManyCalls; i++)
        {
            var body = $"call {i}";
            Assert.Equal(body, await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromBuffer(System.Text.Encoding.UTF8.GetBytes(body))))));
            Assert.True(function.Channel.Reusable);
        }
    }

    [Fact]
    public async Task Send_CallWithHeaders_FunctionReadsRequestAndPlatformHeaders()
    {
        await using var function = await StartAsync();
        var call = TestSpecs.Call(
            Faulty, CallBody.FromBuffer("body"u8.ToArray()), "PATCH", "https://example.org:8443/t/app/a/../b%20c//d?x=1&y=%41",
            new(FaultyFunction.Header, "head"), new("Content-Type", "text/x-note"), new("X-Many", "1"), new("X-Many", "2"), new("X-Latin", "caf\u00e9"),
            new("Fn_Method", "forged"), new("fn-call-id", "forged"), new("Connection", "keep-alive"), new("Expect", "100-continue"), new("TE", "trailers"));
        var deadline = new DateTimeOffset(2026, 3, 4, 5, 6, 7, 890, TimeSpan.FromHours(2));

        var outcome = await function.Channel.SendAsync(new ExchangeRequest { Call = call, Deadline = deadline }, Cancel);

        var lines = System.Text.Encoding.UTF8.GetString(await ExchangeAssert.BytesAsync(outcome)).Split('\n');
        Assert.Equal("PATCH /t/app/a/../b%20c//d?x=1&y=%41", lines[0]);
        string[] expected =
        [
            "Host: example.org:8443", "Faulty: head", "Content-Type: text/x-note", "Content-Length: 4", "X-Many: 1", "X-Many: 2", "X-Latin: caf\u00e9", "TE: trailers",
            "Fn_deadline: 2026-03-04T03:06:07Z", "Fn_method: PATCH", $"Fn_request_url: {call.RequestUrl}", $"Fn_call_id: {call.CallId}",
            $"Fn-Call-Id: {call.CallId}", "Fn-Deadline: 2026-03-04T03:06:07Z", "",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines[1..].Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GET", "GET")]
    [InlineData("HEAD", "GET")]
    [InlineData("CONNECT", "GET")]
    [InlineData("DELETE", "DELETE")]
    [InlineData("OPTIONS", "OPTIONS")]
    [InlineData("PROPFIND", "PROPFIND")]
    public async Task Send_AnyMethodWithoutBody_HasALengthOf0AndIsFramedAsUsual(string method, string written)
    {
        await using var function = await StartAsync();

        var text = await ExchangeAssert.TextAsync(await function.SendAsync(TestSpecs.Call(Faulty, method: method, headers: new Header(FaultyFunction.Header, "head"))));

        Assert.StartsWith($"{written} /invoke/fn-id\n", text, StringComparison.Ordinal);
        Assert.Contains("\nContent-Length: 0\n", text, StringComparison.Ordinal);
        Assert.Contains($"\nFn_method: {method}\n", text, StringComparison.Ordinal);
        Assert.True(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("http://host", "GET /\n")]
    [InlineData("http://host?q=1", "GET /?q=1\n")]
    [InlineData("http://host/caf\u00e9 x", "GET /caf%C3%A9%20x\n")]
    public async Task Send_UnusualUrl_IsAnOriginFormTarget(string url, string line)
    {
        await using var function = await StartAsync();

        var text = await ExchangeAssert.TextAsync(await function.SendAsync(TestSpecs.Call(Faulty, method: "GET", url: url, headers: new Header(FaultyFunction.Header, "head"))));

        Assert.StartsWith(line, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300_000L)]
    [InlineData(null)]
    public async Task Send_LargeStreamedBody_ArrivesWhole(long? length)
    {
        await using var function = await StartAsync();
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);

        var outcome = await function.SendAsync(Call(body: CallBody.FromStream(new MemoryStream(bytes), length)));

        Assert.Equal(bytes, await ExchangeAssert.BytesAsync(outcome));
        Assert.True(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_EmptyBodyOfUnknownLength_IsAnEmptyBody()
    {
        await using var function = await StartAsync();

        Assert.Equal("", await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromStream(new MemoryStream(), null)))));
    }

    [Fact]
    public async Task Send_AnswerHeaders_AreTheFunctionsLessThoseOfTheConnection()
    {
        await using var function = await StartAsync();

        var answer = ExchangeAssert.Answered(await function.SendAsync(Call("cookies")));

        Assert.Equal(["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Latin: caf\u00e9", "Te: trailers"], answer.Headers.Select(header => $"{header.Name}: {header.Value}"));
        Assert.Equal(0, answer.ContentLength);
        await answer.Body.DisposeAsync();
        Assert.True(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("status 200", 200)]
    [InlineData("status 404", 404)]
    [InlineData("status 503", 503)]
    [InlineData("status 999", 999)]
    [InlineData("no-content", 204)]
    [InlineData("interim", 200)]
    public async Task Send_AnyStatus_IsPassedOn(string behaviour, int status)
    {
        await using var function = await StartAsync();

        var answer = ExchangeAssert.Answered(await function.SendAsync(Call(behaviour)));

        Assert.Equal(status, answer.Status);
        Assert.Equal("", await ExchangeAssert.TextAsync(answer));
        Assert.True(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("big 1000000")]
    [InlineData("stream 1000000")]
    public async Task Send_LargeAnswer_ComesWholeAndTheChannelGoesOn(string behaviour)
    {
        await using var function = await StartAsync();

        Assert.Equal(1_000_000, (await ExchangeAssert.BytesAsync(await function.SendAsync(Call(behaviour)))).Length);

        Assert.True(function.Channel.Reusable);
        Assert.Equal("again", await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromBuffer("again"u8.ToArray())))));
    }

    [Fact]
    public async Task Send_ConnectionClose_AnswersAndEndsTheChannel()
    {
        await using var function = await StartAsync();

        Assert.Equal("", await ExchangeAssert.TextAsync(await function.SendAsync(Call("connection-close"))));

        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_UntilClose_IsWholeWhenTheProcessEndedWell()
    {
        await using var function = await StartAsync();

        var outcome = await function.SendAsync(Call("until-close 2000"));

        Assert.Null(ExchangeAssert.Answered(outcome).ContentLength);
        Assert.Equal(2000, (await ExchangeAssert.BytesAsync(outcome)).Length);
        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_LogWithoutEnd_GoesOnAnswering()
    {
        await using var function = await StartAsync();

        await ExchangeAssert.TextAsync(await function.SendAsync(Call("log-without-end")));

        Assert.Equal("x", await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromBuffer("x"u8.ToArray())))));
        Assert.True(function.Channel.Reusable);
    }

    [Fact]
    public async Task Environment_OfTheFunction_IsConfigThenThePlatforms()
    {
        var config = new Dictionary<string, string> { ["GREETING"] = "hello", ["FN_MEMORY"] = "forged" };
        await using var function = await TestFunction.StartAsync(host, Format(), await host.FaultyAsync(FunctionFormat.Http, config, memoryMiB: 192));

        var lines = (await ExchangeAssert.TextAsync(await function.SendAsync(Call("env")))).Split('\n');

        string[] expected =
        [
            "GREETING=hello", "FN_FORMAT=http", "FN_MEMORY=192", "FN_TYPE=sync", "FN_FN_ID=fn-id", "FN_FN_NAME=fn-name", "FN_APP_ID=app-id", "FN_APP_NAME=app-name",
        ];
        Assert.Empty(expected.Except(lines));
    }

    private static CallOffer Call(string? behaviour = null, CallBody? body = null) =>
        TestSpecs.Call(Faulty, body, headers: behaviour is null ? [] : [new Header(FaultyFunction.Header, behaviour)]);

    private static HttpFormat Format() => new(TestFunction.Limits(), TimeProvider.System);

    private async Task<TestFunction> StartAsync() => await TestFunction.StartAsync(host, Format(), await host.FaultyAsync(FunctionFormat.Http));
}

/// <inheritdoc/>
public sealed class HttpFormatOnProcessesTests(ProcessFormatHost host) : HttpFormatTests(host), IClassFixture<ProcessFormatHost>;

/// <inheritdoc/>
[Collection(DockerRuns.Name)]
public sealed class HttpFormatOnDockerTests(DockerFormatHost host) : HttpFormatTests(host.Required()), IClassFixture<DockerFormatHost>;
