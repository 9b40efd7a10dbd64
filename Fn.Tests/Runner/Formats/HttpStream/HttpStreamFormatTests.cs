using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Formats.HttpStream;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Functions;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Formats.HttpStream;

/// <summary>The format <c>http-stream</c>: what the FDKs speak. On any driver.</summary>
public abstract class HttpStreamFormatTests(FormatHost host) : IDisposable
{
    private static readonly FunctionSpec Faulty = TestSpecs.Function(FaultyFunction.Image, FunctionFormat.HttpStream, FaultyFunction.Config);

    private readonly Inotify _inotify = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _inotify.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Send_ManyCalls_OneContainerServesThemAll()
    {
        await using var function = await StartAsync();

        for (var i = 0; i < host.ManyCalls / 10; i++)
        {
            var body = $"call {i}";
            Assert.Equal(body, await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromBuffer(System.Text.Encoding.UTF8.GetBytes(body))))));
            Assert.True(function.Channel.Reusable);
        }
    }

    [Theory]
    [InlineData(true, "Transfer-Encoding: chunked")]
    [InlineData(false, "Content-Length: 0")]
    public async Task Send_CallWithHeaders_IsAPostToCall(bool withBody, string framing)
    {
        await using var function = await StartAsync();
        var call = TestSpecs.Call(
            Faulty, withBody ? CallBody.FromBuffer("body"u8.ToArray()) : null, "GET", "http://example.org/t/app/x?y",
            new(FaultyFunction.Header, "head"), new("User-Agent", "curl/8"), new("Content-Type", "text/x-note"), new("Fn-Intent", "httprequest"),
            new("Fn-Http-Method", "GET"), new("fn-call-id", "forged"), new("FN-DEADLINE", "forged"), new("Connection", "keep-alive"));
        var deadline = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

        var outcome = await function.Channel.SendAsync(new ExchangeRequest { Call = call, Deadline = deadline }, Cancel);

        var lines = (await ExchangeAssert.TextAsync(outcome)).Split('\n');
        Assert.Equal("POST /call", lines[0]);
        string[] expected =
        [
            "Host: localhost", "Faulty: head", "User-Agent: curl/8", "Content-Type: text/x-note", "Fn-Intent: httprequest", "Fn-Http-Method: GET",
            $"Fn-Call-Id: {call.CallId}", "Fn-Deadline: 2026-03-04T05:06:07Z", framing, "",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines[1..].Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(300_000L)]
    [InlineData(null)]
    public async Task Send_LargeStreamedBody_ComesBackWhole(long? length)
    {
        await using var function = await StartAsync();
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);

        Assert.Equal(bytes, await ExchangeAssert.BytesAsync(await function.SendAsync(Call(body: CallBody.FromStream(new MemoryStream(bytes), length)))));
    }

    [Fact]
    public async Task Send_EmptyBodyOfUnknownLength_IsChunked()
    {
        await using var function = await StartAsync();

        var text = await ExchangeAssert.TextAsync(await function.SendAsync(Call("head", CallBody.FromStream(new MemoryStream(), null))));

        Assert.Contains("Transfer-Encoding: chunked", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status 502", CallError.FunctionFailed, true)]
    [InlineData("status 504", CallError.FunctionTimedOut, true)]
    [InlineData("status 500", CallError.InvalidStatus, false)]
    [InlineData("status 404", CallError.InvalidStatus, false)]
    [InlineData("no-content", CallError.InvalidStatus, false)]
    public async Task Send_StatusOtherThan200_IsTheFdksWord(string behaviour, CallError error, bool kept)
    {
        await using var function = await StartAsync();

        ExchangeAssert.Failed(error, await function.SendAsync(Call(behaviour, CallBody.FromBuffer("not shown"u8.ToArray()))));

        Assert.Equal(kept, function.Channel.Reusable);
        if (kept)
            Assert.Equal("next", await ExchangeAssert.TextAsync(await function.SendAsync(Call(body: CallBody.FromBuffer("next"u8.ToArray())))));
    }

    [Theory]
    [InlineData("connection-close")]
    [InlineData("close-connection")]
    [InlineData("longer-than-content-length")]
    public async Task Send_ConnectionEndsAfterTheAnswer_NextCallOpensAnother(string behaviour)
    {
        await using var function = await StartAsync();

        for (var i = 0; i < 3; i++)
        {
            await ExchangeAssert.TextAsync(await function.SendAsync(Call()));
            await ExchangeAssert.TextAsync(await function.SendAsync(Call(behaviour)));
            Assert.True(function.Channel.Reusable);
            if (behaviour == "close-connection")
                await ConnectionEndedAsync(function);
            Assert.False(function.Channel.Broken.IsCompleted);
        }
    }

    [Theory]
    [InlineData("close-without-answer", CallError.AnswerBroken)]
    [InlineData("garbage", CallError.InvalidHttpResponse)]
    [InlineData("endless-headers", CallError.AnswerHeadersTooLarge)]
    public async Task Send_NoAnswerThatCanBePassedOn_FailsAndEndsTheChannel(string behaviour, CallError error)
    {
        await using var function = await StartAsync();

        ExchangeAssert.Failed(error, await function.SendAsync(Call(behaviour)));

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("half", CallError.AnswerCutShort)]
    [InlineData("invalid-chunks", CallError.AnswerBroken)]
    public async Task Read_AnswerBreaksOff_ThrowsAndEndsTheChannel(string behaviour, CallError error)
    {
        await using var function = await StartAsync();

        await ExchangeAssert.BreaksAsync(error, await function.SendAsync(Call(behaviour)));

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Send_FunctionClosesWithoutAnswering_ExecutesOnce(bool reused, bool withBody)
    {
        await using var function = await StartAsync();
        if (reused)
            await ExchangeAssert.TextAsync(await function.SendAsync(Call()));
        var call = Call($"count-executions {function.ExecutionsFileInside} close-connection-unanswered", withBody ? CallBody.FromBuffer("body"u8.ToArray()) : null);

        ExchangeAssert.Failed(CallError.AnswerBroken, await function.SendAsync(call));

        Assert.Equal([call.CallId], await File.ReadAllLinesAsync(function.ExecutionsFile, Cancel));
    }

    [Fact]
    public async Task Environment_OfTheFunction_IsConfigThenThePlatforms()
    {
        var config = new Dictionary<string, string> { ["GREETING"] = "hello", ["FN_LISTENER"] = "forged", ["FN_FORMAT"] = "forged" };
        await using var function = await TestFunction.StartAsync(host, Format(), await host.FaultyAsync(FunctionFormat.HttpStream, config, memoryMiB: 192));

        var lines = (await ExchangeAssert.TextAsync(await function.SendAsync(Call("env")))).Split('\n');

        string[] expected =
        [
            "GREETING=hello", $"FN_LISTENER=unix:{host.Inside(function.SocketDirectory!)}/lsnr.sock", "FN_FORMAT=http-stream", "FN_MEMORY=192", "FN_TYPE=sync",
            "FN_FN_ID=fn-id", "FN_APP_ID=app-id",
        ];
        Assert.Empty(expected.Except(lines));
    }

    [Fact]
    public async Task Send_ContainerIsGone_WasNotSent()
    {
        await using var function = await StartAsync();
        await ExchangeAssert.TextAsync(await function.SendAsync(Call()));
        await function.Container.RemoveAsync();

        Assert.IsType<NotSentOutcome>(await function.SendAsync(Call(body: CallBody.FromStream(new MemoryStream(new byte[10]), null))));
    }

    [Fact]
    public async Task Open_ContainerEndsBeforeItsSocket_Fails()
    {
        await using var function = await StartAsync("exit 7");

        Assert.Equal(CallError.InitializationFailed, function.Opened.Failure?.Error);
        Assert.Contains("exit code 7", function.Opened.Failure!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ln -s /etc/passwd $D/lsnr.sock", "leads out of its directory")]
    [InlineData("ln -s ../lsnr.sock $D/lsnr.sock", "leads out of its directory")]
    [InlineData("mkdir $D/d; ln -s d/lsnr.sock $D/lsnr.sock", "leads out of its directory")]
    [InlineData("ln -s nothing $D/lsnr.sock", "leads to nothing")]
    [InlineData("echo > $D/file; ln -s ./file $D/lsnr.sock", "is no socket")]
    [InlineData("ln -s second $D/first; ln -s first $D/lsnr.sock", "is no socket")]
    [InlineData("echo > $D/lsnr.sock", "is no socket")]
    [InlineData("mkdir $D/lsnr.sock", "is no socket")]
    public async Task Open_NotTheFunctionsOwnSocket_Fails(string script, string detail)
    {
        await using var function = await StartAsync($"D=${{FN_LISTENER#unix:}}; D=${{D%/*}}; {script}; exec sleep 1000");

        Assert.Equal(CallError.InitializationFailed, function.Opened.Failure?.Error);
        Assert.Contains(detail, function.Opened.Failure!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoSocketInTime_Throws()
    {
        using var tooLate = new CancellationTokenSource();
        var starting = TestFunction.StartAsync(host, Format(), await host.ShellAsync(FunctionFormat.HttpStream, "echo waiting >&2; exec sleep 1000"), open: tooLate.Token);

        await tooLate.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
    }

    private static CallOffer Call(string? behaviour = null, CallBody? body = null) =>
        TestSpecs.Call(Faulty, body, headers: behaviour is null ? [] : [new Header(FaultyFunction.Header, behaviour)]);

    // The function has one connection at a time: another one is served when the last is closed.
    private static async Task ConnectionEndedAsync(TestFunction function)
    {
        using var socket = ListenerSocket.Find(function.SocketDirectory!).Socket!;
        await using var connection = await socket.ConnectAsync(FormatHost.Loops, Cancel);
        await connection.WriteAsync("GET / HTTP/1.1\r\nFaulty: close-connection\r\n\r\n"u8.ToArray(), Cancel);
        using var reader = new StreamReader(connection);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    private HttpStreamFormat Format() => new(_inotify, FormatHost.Loops, TestFunction.Limits(), TimeProvider.System);

    private async Task<TestFunction> StartAsync() => await TestFunction.StartAsync(host, Format(), await host.FaultyAsync(FunctionFormat.HttpStream));

    private async Task<TestFunction> StartAsync(string script) => await TestFunction.StartAsync(host, Format(), await host.ShellAsync(FunctionFormat.HttpStream, script));
}

/// <inheritdoc/>
public sealed class HttpStreamFormatOnProcessesTests(ProcessFormatHost host) : HttpStreamFormatTests(host), IClassFixture<ProcessFormatHost>;

/// <inheritdoc/>
[Collection(DockerRuns.Name)]
public sealed class HttpStreamFormatOnDockerTests(DockerFormatHost host) : HttpStreamFormatTests(host.Required()), IClassFixture<DockerFormatHost>;
