using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Functions of the format default that do wrong: what <see cref="BadFunctionsTests{T}"/> asks of the format http. Nothing of any call is left.</summary>
public abstract class BadFunctionsColdTests<TPlatform>(TPlatform shared) : IClassFixture<TPlatform>
    where TPlatform : BadFunctionsPlatform
{
    private const string OutOfMemory = "container out of memory, you may want to raise function.memory for this function (default: 128MB)";

    private static ByteArrayContent Large => new(new byte[1 << 20]);

    [Theory]
    [InlineData("exit 3", 502, "container exit code 3")]
    [InlineData("echo half; exit 1", 502, "container exit code 1")]
    [InlineData("no-such-program", 502, "container exit code 127")]
    [InlineData("kill -9 $$", 502, OutOfMemory)]
    [InlineData("sleep 1000", 504, "Timed out")]
    [InlineData("trap : TERM; sleep 1000", 504, "Timed out")]
    [InlineData("while true; do echo and on and on >&2; done", 504, "Timed out")]
    [InlineData("exec >&-; sleep 1000", 504, "Timed out")]
    public async Task Call_FunctionFailsBeforeMuchIsWritten_IsAnError(string script, int status, string message)
    {
        var (outcome, process) = await shared.RunAsync(script);

        Assert.Equal((status, message), (outcome.Status, outcome.Message));
        await AssertNothingIsLeftAsync(process);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("head -c 200000 /dev/zero; exit 1")]
    [InlineData("head -c 200000 /dev/zero; kill -9 $$")]
    [InlineData("echo half; sleep 1000")]
    public async Task Call_FunctionFailsAfterAPartWasPassedOn_IsBrokenOff(string script)
    {
        var (outcome, process) = await shared.RunAsync(script);

        Assert.Equal((200, false), (outcome.Status, outcome.IsWhole));
        Assert.InRange(outcome.Body.Length, 1, BadFunctionsPlatform.MaxResponseSize);
        await AssertNothingIsLeftAsync(process);
    }

    [Theory]
    [InlineData("echo unread", "unread\n")]
    [InlineData("exec <&-; echo unread", "unread\n")]
    [InlineData("exec >&-; cat > /dev/null", "")]
    [InlineData("wc -c", "1048576\n")]
    public async Task Call_FunctionTreatsALargeBodyAsItLikes_IsAnsweredAsTheExitCodeSays(string script, string answer)
    {
        var (outcome, process) = await shared.RunAsync(script, Large);

        Assert.Equal((200, true, answer), (outcome.Status, outcome.IsWhole, outcome.Body));
        await AssertNothingIsLeftAsync(process);
    }

    [Fact]
    public async Task Call_FunctionWritesWhileItReads_IsAnsweredInFull()
    {
        var (outcome, process) = await shared.RunAsync("tr '\\000' x", Large);

        Assert.Equal((200, true, new string('x', 1 << 20)), (outcome.Status, outcome.IsWhole, outcome.Body));
        await AssertNothingIsLeftAsync(process);
    }

    [Theory]
    [InlineData("sleep 1000 & echo $!")]
    [InlineData("setsid sleep 1000 & echo $!")]
    public async Task Call_FunctionLeavesAChildThatKeepsTheOutputOpen_IsAnsweredAndTheChildEnds(string script)
    {
        var (outcome, process) = await shared.RunAsync(script);

        Assert.Equal((200, true), (outcome.Status, outcome.IsWhole));
        var child = int.Parse(outcome.Body, null);
        await Eventually.HoldsAsync(() => !Leftovers.IsAlive(child), "the child is gone");
        await AssertNothingIsLeftAsync(process);
    }

    [Fact]
    public async Task Call_FunctionFillsItsTemporaryDirectory_IsAnsweredAndTheDirectoryGoes()
    {
        var (outcome, process) = await shared.RunAsync("echo x > $TMPDIR/file; echo $TMPDIR");

        Assert.Equal((200, true), (outcome.Status, outcome.IsWhole));
        await Eventually.HoldsAsync(() => !Directory.Exists(outcome.Body.Trim()), "the function's directory is gone");
        await AssertNothingIsLeftAsync(process);
    }

    private async Task AssertNothingIsLeftAsync(int process)
    {
        var (next, _) = await shared.RunAsync("cat", new StringContent("next"));
        Assert.Equal((200, "next"), (next.Status, next.Body));
        await Eventually.HoldsAsync(() => !Leftovers.IsAlive(process), $"process {process} is gone");
    }
}

public sealed class BadFunctionsColdInGatewayTests(BadFunctionsInGateway shared) : BadFunctionsColdTests<BadFunctionsInGateway>(shared);

public sealed class BadFunctionsColdOnRunnerTests(BadFunctionsOnRunner shared) : BadFunctionsColdTests<BadFunctionsOnRunner>(shared);
