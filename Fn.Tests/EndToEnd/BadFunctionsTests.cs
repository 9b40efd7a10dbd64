using System.Text;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>
/// Functions of the format http that do wrong. Each wrong has its defined answer, or a broken connection where a part had been passed on; the function has
/// seen the call once; the container is replaced where it has to be; and the next call is served and right.
/// </summary>
public abstract class BadFunctionsTests<TPlatform>(TPlatform shared) : IClassFixture<TPlatform>
    where TPlatform : BadFunctionsPlatform
{
    private const string NoAnswer = "error receiving function response";
    private const string Invalid = "invalid http response from function err: ";

    private static ByteArrayContent Large => new(new byte[1 << 20]);

    [Theory]
    [InlineData("garbage", 502, Invalid + "malformed HTTP response \"this is no HTTP\"")]
    [InlineData("bad-length", 502, Invalid + "bad Content-Length")]
    [InlineData("switch-protocols", 502, Invalid + "status 101")]
    [InlineData("endless-headers", 502, "function response header too large")]
    [InlineData("header-size 70000", 502, "function response header too large")]
    [InlineData("big 1048577", 502, "function response body too large")]
    [InlineData("exit 3", 502, NoAnswer)]
    [InlineData("close-without-answer", 502, NoAnswer)]
    [InlineData("close-stdout", 502, NoAnswer)]
    public async Task Call_FunctionGivesNoAnswerThatCanBePassedOn_IsAnErrorAndReplacesTheContainer(string behaviour, int status, string message) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertError(status, message, await shared.CallAsync(shared.Patient, behaviour, new StringContent("body"))));

    [Theory]
    [InlineData("exit 0")]
    [InlineData("close-without-answer")]
    public async Task Call_FunctionClosesWithoutAnsweringACallWithoutBody_IsSeenOnce(string behaviour) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertError(502, NoAnswer, await shared.CallAsync(shared.Patient, behaviour)));

    [Theory]
    [InlineData("early", "function invoked write before receiving entire request")]
    [InlineData("close-stdin", "function closed pipe while receiving request")]
    [InlineData("exit-unread 0", NoAnswer)]
    public async Task Call_FunctionDoesNotReadALargeBody_IsAnErrorAndReplacesTheContainer(string behaviour, string message) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertError(502, message, await shared.CallAsync(shared.Patient, behaviour, Large)));

    [Fact]
    public async Task Call_FunctionNeverAnswers_IsStoppedAtItsTimeout() => await AssertReplacedAsync(shared.Hasty, async () =>
    {
        var outcome = await shared.CallAsync(shared.Hasty, "nothing");

        AssertError(504, "Timed out", outcome);
        Assert.Equal($"timeout={BadFunctionsPlatform.Timeout}s", outcome.Headers["Fn-Limit"]);
    });

    [Fact]
    public async Task Call_FunctionStopsInTheMiddleOfItsAnswer_IsBrokenOffAtItsTimeout() => await AssertReplacedAsync(shared.Hasty, async () =>
    {
        var outcome = await shared.CallAsync(shared.Hasty, "stall");

        Assert.Equal((200, false, Letters(500)), (outcome.Status, outcome.IsWhole, outcome.Body));
    });

    [Theory]
    [InlineData("half")]
    [InlineData("half-exit 500")]
    public async Task Call_FunctionBreaksOff_IsNeverTakenForWhole(string behaviour) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertPart(Letters(1000), await shared.CallAsync(shared.Patient, behaviour)));

    [Fact]
    public async Task Call_FunctionGoesOnForTooLong_IsBrokenOff() => await AssertReplacedAsync(shared.Patient, async () =>
    {
        var outcome = await shared.CallAsync(shared.Patient, "stream 3000000");

        Assert.Equal((200, false), (outcome.Status, outcome.IsWhole));
        Assert.InRange(outcome.Body.Length, 1, BadFunctionsPlatform.MaxResponseSize);
        AssertPart(string.Concat(Enumerable.Repeat(Letters(1000), 3000)), outcome);
    });

    [Theory]
    [InlineData("cut-chunks")]
    [InlineData("invalid-chunks")]
    public async Task Call_FunctionWritesChunksWrongly_IsNeverTakenForWhole(string behaviour) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertPart("hello", await shared.CallAsync(shared.Patient, behaviour)));

    [Theory]
    [InlineData("two-answers", "one")]
    [InlineData("longer-than-content-length", "hello")]
    [InlineData("until-close 26", "abcdefghijklmnopqrstuvwxyz")]
    [InlineData("connection-close", "")]
    public async Task Call_FunctionAnswersAndIsOfNoFurtherUse_IsAnsweredAndReplacesTheContainer(string behaviour, string answer) =>
        await AssertReplacedAsync(shared.Patient, async () => AssertAnswer(answer, await shared.CallAsync(shared.Patient, behaviour)));

    [Fact]
    public async Task Idle_FunctionSpeaks_IsReplacedBeforeTheNextCall() => await AssertReplacedAsync(shared.Patient, async () =>
    {
        var process = await shared.ProcessOfAsync(shared.Patient);
        AssertAnswer("first", await shared.CallAsync(shared.Patient, "late-second-answer 20"));
        await GoneAsync(process);
    });

    [Theory]
    [InlineData("log 10000")]
    [InlineData("interim")]
    [InlineData("ignore-sigterm")]
    public async Task Call_FunctionIsOnlyOdd_IsAnsweredAndKeepsTheContainer(string behaviour)
    {
        var process = await shared.ProcessOfAsync(shared.Patient);

        AssertAnswer("body", await shared.CallAsync(shared.Patient, behaviour, new StringContent("body")));

        Assert.Equal(process, await shared.ProcessOfAsync(shared.Patient));
    }

    [Fact]
    public async Task Call_FunctionLogsWithoutEnd_IsAnsweredAndServesOn()
    {
        AssertAnswer("", await shared.CallAsync(shared.Patient, "log-without-end"));

        AssertAnswer("next", await shared.CallAsync(shared.Patient, "echo", new StringContent("next")));
        await AssertReplacedAsync(shared.Patient, async () => AssertError(502, NoAnswer, await shared.CallAsync(shared.Patient, "exit 0")));
    }

    [Fact]
    public async Task Removal_FunctionIgnoresSigterm_EndsItAllTheSame()
    {
        var function = await shared.Platform.CreateFaultyAsync("stubborn", idleTimeout: 1);
        var process = await shared.ProcessOfAsync(function);

        AssertAnswer("", await shared.CallAsync(function, "ignore-sigterm"));

        await GoneAsync(process);
    }

    [Fact]
    public async Task Removal_FunctionHasForked_EndsTheChildToo()
    {
        var child = int.Parse((await shared.CallAsync(shared.Patient, "fork")).Body, null);
        Assert.True(Leftovers.IsAlive(child));

        AssertError(502, NoAnswer, await shared.CallAsync(shared.Patient, "exit 0"));

        await GoneAsync(child);
    }

    [Fact]
    public async Task Removal_FunctionHasFilledItsTemporaryDirectory_RemovesIt()
    {
        var file = (await shared.CallAsync(shared.Patient, "fill-tmp 4")).Body;
        Assert.Equal(4 << 20, new FileInfo(file).Length);

        AssertError(502, NoAnswer, await shared.CallAsync(shared.Patient, "exit 0"));

        await Eventually.HoldsAsync(() => !Directory.Exists(Path.GetDirectoryName(file)), "the function's directory is gone");
    }

    /// <summary>So many bytes as the function writes them.</summary>
    private static string Letters(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)('a' + (i % 26))));

    private static void AssertError(int status, string message, CallOutcome outcome)
    {
        Assert.Equal((status, message), (outcome.Status, outcome.Message));
        Assert.NotNull(outcome.CallId);
    }

    private static void AssertAnswer(string body, CallOutcome outcome) => Assert.Equal((200, true, body), (outcome.Status, outcome.IsWhole, outcome.Body));

    /// <summary>Either a part had been passed on, and breaks off; or nothing had, and the client gets a clean error.</summary>
    private static void AssertPart(string whole, CallOutcome outcome)
    {
        if (outcome.IsWhole)
            Assert.True((outcome.Status, outcome.Message) is (500, "internal server error") or (502, NoAnswer), outcome.ToString());
        else
            Assert.True(outcome.Status == 200 && whole.StartsWith(outcome.Body, StringComparison.Ordinal), outcome.ToString());
    }

    private static Task GoneAsync(int process) => Eventually.HoldsAsync(() => !Leftovers.IsAlive(process), $"process {process} is gone");

    /// <summary>The next call is served by another container, and rightly, and the old one ends.</summary>
    private async Task AssertReplacedAsync(string function, Func<Task> misuse)
    {
        var process = await shared.ProcessOfAsync(function);

        await misuse();

        Assert.NotEqual(process, await shared.ProcessOfAsync(function));
        var body = Guid.NewGuid().ToString();
        AssertAnswer(body, await shared.CallAsync(function, "echo", new StringContent(body, Encoding.ASCII)));
        await GoneAsync(process);
    }
}

public sealed class BadFunctionsInGatewayTests(BadFunctionsInGateway shared) : BadFunctionsTests<BadFunctionsInGateway>(shared);

public sealed class BadFunctionsOnRunnerTests(BadFunctionsOnRunner shared) : BadFunctionsTests<BadFunctionsOnRunner>(shared);
