using System.IO.Pipelines;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Formats.Cold;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Drivers.Docker;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Formats.Cold;

/// <summary>The format <c>default</c>, with shell scripts as functions. On any driver.</summary>
public abstract class DefaultFormatTests(FormatHost host)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_BodyOnInput_AnswerIsTheOutputWithItsLength()
    {
        await using var run = await RunAsync("cat; echo !", CallBody.FromBuffer("hello"u8.ToArray()));

        var answer = ExchangeAssert.Answered(await run.SendAsync());

        Assert.Equal((200, 7L), (answer.Status, answer.ContentLength));
        Assert.Empty(answer.Headers);
        Assert.Equal("hello!\n", await ExchangeAssert.TextAsync(answer));
        Assert.False(run.Function.Channel.Reusable);
    }

    [Theory]
    [InlineData(1_000_000L)]
    [InlineData(null)]
    public async Task Send_LargeStreamedBody_ComesBackWhole(long? length)
    {
        var bytes = new byte[1_000_000];
        Random.Shared.NextBytes(bytes);
        await using var run = await RunAsync("cat", CallBody.FromStream(new MemoryStream(bytes), length));

        var outcome = await run.SendAsync();

        Assert.Equal(bytes, await ExchangeAssert.BytesAsync(outcome));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("exec 0<&-; sleep 0")]
    public async Task Send_InputIsNotRead_IsFine(string script)
    {
        await using var run = await RunAsync(script, CallBody.FromStream(new MemoryStream(new byte[1 << 20]), 1 << 20));

        Assert.Equal("", await ExchangeAssert.TextAsync(await run.SendAsync()));
    }

    [Theory]
    [InlineData("exit 3", CallError.ExitCode, "3")]
    [InlineData("echo oops; exit 3", CallError.ExitCode, "3")]
    [InlineData("kill -15 $$", CallError.ExitCode, "143")]
    [InlineData("echo oops; kill -9 $$", CallError.OutOfMemory, null)]
    [InlineData("exit 137", CallError.OutOfMemory, null)]
    public async Task Send_FunctionEndsBadly_FailsCleanly(string script, CallError error, string? detail)
    {
        await using var run = await RunAsync(script);

        Assert.Equal(detail, ExchangeAssert.Failed(error, await run.SendAsync()).Detail);
    }

    [Fact]
    public async Task Read_MoreThanIsHeldBackThenBadEnd_BreaksOff()
    {
        await using var run = await RunAsync("head -c 200000 /dev/zero; exit 5");
        var outcome = await run.SendAsync();

        Assert.Null(ExchangeAssert.Answered(outcome).ContentLength);
        Assert.Equal(200_000, (await ExchangeAssert.BreaksAsync(CallError.ExitCode, outcome)).Length);
    }

    [Fact]
    public async Task Send_SlowAnswer_IsHeldBackForAMomentThenStreams()
    {
        var time = new WatchedTimeProvider();
        await using var run = await RunAsync("echo begun; sleep 1000", CallBody.FromBuffer("unread"u8.ToArray()), time: time);
        var sending = run.SendAsync();
        await time.TimerCreated.WaitAsync(Cancel);

        time.Advance(TimeSpan.FromMilliseconds(100));
        var answer = ExchangeAssert.Answered(await sending);

        var begun = new byte[6];
        await answer.Body.ReadExactlyAsync(begun, Cancel);
        Assert.Equal("begun\n"u8.ToArray(), begun);
        Assert.Null(answer.ContentLength);
        await answer.Body.DisposeAsync();
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(3_000_000)]
    public async Task Send_FilterWritesWhileItsRequestIsOnItsWay_IsHeldBackUntilTheRequestIsOver(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        var client = new Pipe();
        await using var run = await RunAsync("cat; echo seen >&2", CallBody.FromStream(client.Reader.AsStream(), null));
        var sending = run.SendAsync();

        // The pipe lets no more in than the function has taken.
        await client.Writer.WriteAsync(bytes, Cancel);
        Assert.False(sending.IsCompleted);
        await client.Writer.CompleteAsync();

        Assert.Equal(bytes, await ExchangeAssert.BytesAsync(await sending));
    }

    [Fact]
    public async Task Send_FunctionWritesTooMuchWithoutReadingItsRequest_IsEarly()
    {
        await using var run = await RunAsync("cat /dev/zero", CallBody.FromStream(new Pipe().Reader.AsStream(), null), options => options.MaxEarlyAnswer = 100_000);

        var failure = ExchangeAssert.Failed(CallError.AnsweredEarly, await run.SendAsync());

        Assert.Equal("Fn:Calls:MaxEarlyAnswer=100000", failure.Limit);
    }

    [Fact]
    public async Task Send_OutputClosedEarly_WaitsForTheExitCode()
    {
        await using var run = await RunAsync("echo done; exec 1>&-; read line; exit 7", CallBody.FromBuffer("go\n"u8.ToArray()));

        ExchangeAssert.Failed(CallError.ExitCode, await run.SendAsync());
    }

    [Fact]
    public async Task Send_ChildKeepsOutputOpen_EndsWithTheFunction()
    {
        // After the function's end its output is read for a moment more.
        await using var run = await RunAsync("sleep 1000 & echo done", time: TimeProvider.System);

        Assert.Equal("done\n", await ExchangeAssert.TextAsync(await run.SendAsync()));
    }

    [Theory]
    [InlineData("head -c 1000 /dev/zero", 1000L, true)]
    [InlineData("head -c 1001 /dev/zero", 1000L, false)]
    [InlineData("head -c 100000 /dev/zero", 1000L, false)]
    public async Task Send_HeldBackAnswerOverTheLimit_FailsCleanly(string script, long limit, bool fits)
    {
        await using var run = await RunAsync(script, limits: options => options.MaxResponseSize = limit);

        var outcome = await run.SendAsync();

        if (fits)
            Assert.Equal(limit, (await ExchangeAssert.BytesAsync(outcome)).Length);
        else
            ExchangeAssert.Failed(CallError.AnswerTooLarge, outcome);
    }

    [Fact]
    public async Task Read_StreamedAnswerOverTheLimit_BreaksOff()
    {
        await using var run = await RunAsync("cat /dev/zero", limits: options => options.MaxResponseSize = 100_000);

        await ExchangeAssert.BreaksAsync(CallError.AnswerTooLarge, await run.SendAsync());
    }

    [Fact]
    public async Task Send_ClientBreaksOff_FunctionNeverSeesAnEndOfInput()
    {
        var client = new Pipe();
        await client.Writer.WriteAsync("half"u8.ToArray(), Cancel);
        await client.Writer.CompleteAsync(new IOException("gone"));
        await using var run = await RunAsync("cat > ${TMPDIR:-/tmp}/seen; echo whole >&2", CallBody.FromStream(client.Reader.AsStream(), null));

        ExchangeAssert.Failed(CallError.ClientLeft, await run.SendAsync());

        await run.Function.Container.RemoveAsync();
        Assert.Equal("", await run.Function.LogAsync());
    }

    [Fact]
    public async Task Send_ClientSendsLessThanItSaid_IsItsFault()
    {
        await using var run = await RunAsync("cat", CallBody.FromStream(new MemoryStream(new byte[10]), 11));

        ExchangeAssert.Failed(CallError.ClientLeft, await run.SendAsync());
    }

    [Fact]
    public async Task Send_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        await using var run = await RunAsync("cat", CallBody.FromStream(new Pipe().Reader.AsStream(), null));
        var sending = run.Function.SendAsync(run.Call, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        await using var run = await RunAsync("head -c 100000 /dev/zero; sleep 1000");
        var answer = ExchangeAssert.Answered(await run.Function.SendAsync(run.Call, cancel.Token));
        await answer.Body.ReadExactlyAsync(new byte[100_000], Cancel);
        var reading = answer.Body.ReadAsync(new byte[1], Cancel);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    [Fact]
    public async Task Environment_OfTheFunction_HasTheCallsHead()
    {
        var config = new Dictionary<string, string> { ["GREETING"] = "hello", ["FN_METHOD"] = "forged" };
        // Not through a shell, which may drop variables whose names it cannot write.
        await using var run = await StartAsync(await host.EnvAsync(FunctionFormat.Default, config));

        var lines = (await ExchangeAssert.TextAsync(await run.SendAsync())).Split('\n');

        string[] expected =
        [
            "GREETING=hello", "FN_FORMAT=default", "FN_MEMORY=128", "FN_TYPE=sync", "FN_FN_ID=fn-id", "FN_FN_NAME=fn-name", "FN_APP_ID=app-id",
            "FN_APP_NAME=app-name", "FN_METHOD=PUT", "FN_REQUEST_URL=http://host/t/a/b?c", $"FN_CALL_ID={run.Call.CallId}", "FN_HEADER_X-Many-Words=1, 2",
        ];
        Assert.Empty(expected.Except(lines));
        Assert.Matches("^FN_DEADLINE=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", Assert.Single(lines, line => line.StartsWith("FN_DEADLINE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, "async")]
    [InlineData(false, "sync")]
    public void AddEnvironment_Detached_IsTheType(bool detached, string type)
    {
        var function = TestSpecs.Function("image", FunctionFormat.Default);
        var call = new CallOffer
        {
            CallId = "id",
            Function = function,
            Method = "POST",
            RequestUrl = "http://host/",
            Headers = [],
            Body = CallBody.Empty,
            Timeline = new CallTimeline(TimeProvider.System),
            Detached = detached,
        };
        var environment = new Dictionary<string, string>();

        new DefaultFormat(TestFunction.Limits(), TimeProvider.System).AddEnvironment(environment, function, call, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

        Assert.Equal(type, environment["FN_TYPE"]);
        Assert.Equal("2026-01-02T03:04:35Z", environment["FN_DEADLINE"]);
    }

    private async Task<Run> RunAsync(string script, CallBody? body = null, Action<CallOptions>? limits = null, TimeProvider? time = null) =>
        await StartAsync(await host.ShellAsync(FunctionFormat.Default, script), body, limits, time);

    private async Task<Run> StartAsync(FunctionSpec spec, CallBody? body = null, Action<CallOptions>? limits = null, TimeProvider? time = null)
    {
        var call = TestSpecs.Call(spec, body, "PUT", "http://host/t/a/b?c", new("x-many-WORDS", "1"), new("X-Many-Words", "2"));
        // The moment for which an answer is held back passes only where a test lets it: an engine on a busy machine takes longer than that to tell an end.
        var format = new DefaultFormat(TestFunction.Limits(limits), time ?? new FakeTimeProvider());
        return new Run(await TestFunction.StartAsync(host, format, spec, call), call);
    }

    private sealed record Run(TestFunction Function, CallOffer Call) : IAsyncDisposable
    {
        public Task<ExchangeOutcome> SendAsync() => Function.SendAsync(Call).AsTask();

        public ValueTask DisposeAsync() => Function.DisposeAsync();
    }
}

/// <inheritdoc/>
public sealed class DefaultFormatOnProcessesTests(ProcessFormatHost host) : DefaultFormatTests(host), IClassFixture<ProcessFormatHost>;

/// <inheritdoc/>
[Collection(DockerRuns.Name)]
public sealed class DefaultFormatOnDockerTests(DockerFormatHost host) : DefaultFormatTests(host.Required()), IClassFixture<DockerFormatHost>;
