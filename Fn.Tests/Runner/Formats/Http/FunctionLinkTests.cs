using System.IO.Pipelines;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>What a link makes of bytes, ends and failures at each moment of an exchange: the races that no real function can be made to run.</summary>
public sealed class FunctionLinkTests : IDisposable
{
    private const int Limit = 1024;
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray();
    private static readonly byte[] Request = "POST / HTTP/1.1\r\n\r\n"u8.ToArray();

    private readonly Pipe _output = new();
    private readonly GatedInput _input = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Exchange _exchange = new();
    private readonly FunctionLink _link;

    public FunctionLinkTests() => _link = new FunctionLink(_output.Reader.AsStream(), _input, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _link.Dispose();
        _input.Dispose();
    }

    [Fact]
    public async Task Idle_Byte_IsUnusable()
    {
        await _output.Writer.WriteAsync("x"u8.ToArray(), Cancel);

        await _link.Unusable.WaitAsync(Cancel);

        Assert.False(_link.TryBegin(_exchange));
    }

    [Fact]
    public async Task Idle_End_IsUnusable()
    {
        await _output.Writer.CompleteAsync();

        await _link.Unusable.WaitAsync(Cancel);

        Assert.False(_link.IsIdle);
    }

    [Fact]
    public async Task Write_FunctionSpokeSinceTheBeginning_WritesNothingAndIsLost()
    {
        Begin();
        await SayAsync("x"u8.ToArray());

        await Assert.ThrowsAsync<IOException>(async () => await _link.WriteAsync(Request));

        Assert.True(_exchange.Lost);
        Assert.False(_exchange.Seen);
        Assert.Equal(0, _input.Length);
    }

    [Fact]
    public async Task Write_SmallFirstPieceFails_IsUnseenAndLost()
    {
        Begin();
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await _link.WriteAsync(new byte[4096]));

        Assert.True(_exchange.Lost);
        Assert.False(_exchange.Seen);
    }

    [Fact]
    public async Task Write_LargeFirstPieceFails_MayHaveBeenSeen()
    {
        Begin();
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await _link.WriteAsync(new byte[4097]));

        Assert.False(_exchange.Lost);
        Assert.True(_exchange.Seen);
    }

    [Fact]
    public async Task Write_LaterPieceFails_WasSeen()
    {
        Begin();
        await _link.WriteAsync(Request);
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await _link.WriteAsync(Request));

        Assert.True(_exchange.Seen);
        Assert.True(_exchange.WriteFailed);
    }

    [Fact]
    public async Task WhyWriteFailed_FunctionIsSilentForAMoment_ClosedItsInput()
    {
        var why = _link.WhyWriteFailedAsync();
        Assert.False(why.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(CallError.InputClosed, await why);
    }

    [Theory]
    [InlineData("", CallError.AnswerBroken)]
    [InlineData("HTTP/1.1 400", CallError.AnsweredEarly)]
    public async Task WhyWriteFailed_FunctionEndsOrAnswers_IsSaid(string said, CallError error)
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        var why = _link.WhyWriteFailedAsync();

        if (said.Length > 0)
            await _output.Writer.WriteAsync(System.Text.Encoding.ASCII.GetBytes(said), Cancel);
        else
            await _output.Writer.CompleteAsync();

        Assert.Equal(error, await why);
    }

    [Fact]
    public async Task Sending_AnswerBeforeTheBodysEnd_IsEarly()
    {
        Begin();
        await _link.WriteAsync(Request);

        await SayAsync(Answer);

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        await _link.Unusable.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Sending_EndBeforeTheAnswer_IsBroken()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;

        await _output.Writer.CompleteAsync();

        await _link.Unusable.WaitAsync(Cancel);
        Assert.Equal(CallError.AnswerBroken, _exchange.Failure?.Error);
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteReturns_IsNotEarly()
    {
        Begin();
        _exchange.Handed = true;
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = _link.WriteAsync(Request);
        await SayAsync(Answer);
        _time.Advance(TimeSpan.FromMilliseconds(99));

        _input.Gate.SetResult();
        await writing;
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Null(_exchange.Failure);
        Assert.Equal(200, await StatusAsync());
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteIsDoneAndTheThreadLate_IsNotEarly()
    {
        Begin();
        _exchange.Handed = true;
        var write = new TaskCompletionSource();
        // Comes before whatever the link does after the write.
        var late = write.Task.ContinueWith(
            _ => _time.Advance(TimeSpan.FromMilliseconds(100)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _input.Whole = write.Task;
        var writing = _link.WriteAsync(Request).AsTask();
        await SayAsync(Answer);

        write.SetResult();

        await Task.WhenAll(late, writing);

        Assert.Null(_exchange.Failure);
        Assert.Equal(200, await StatusAsync());
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteIsStuck_IsEarlyAfterAMoment()
    {
        Begin();
        _exchange.Handed = true;
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = _link.WriteAsync(Request);
        await SayAsync(Answer);
        Assert.Null(_exchange.Failure);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        await Assert.ThrowsAsync<IOException>(async () => await writing);
    }

    [Fact]
    public async Task Sending_AnswerBetweenTwoWritesOfWhichTheLastIsStuck_IsEarlyAfterAMoment()
    {
        Begin();
        _exchange.Handed = true;
        await _link.WriteAsync(Request);
        await SayAsync(Answer);
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = _link.WriteAsync(Request);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        await Assert.ThrowsAsync<IOException>(async () => await writing);
    }

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("HTTP/2 200 OK\r\n", "HTTP/2 200 OK")]
    [InlineData("HTT", null)]
    [InlineData("\r\nHTTP/1.1 200 OK", "")]
    [InlineData("\u0001\u00ff", "?\u00ff")]
    public async Task Read_FirstBytesOfAnAnswer_MustBeginOne(string said, string? quoted)
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(System.Text.Encoding.Latin1.GetBytes(said), Cancel);

        var reading = HeadAsync(Limit).AsTask();
        // There is more to come.
        if (quoted is null)
            await _output.Writer.WriteAsync("P/1.1 200 OK\r\n\r\n"u8.ToArray(), Cancel);

        var outcome = await reading;
        Assert.Equal(quoted is null ? null : $"malformed HTTP response \"{quoted}\"", outcome.Failure?.Detail);
        Assert.Equal(quoted is null ? 200 : null, outcome.Head?.Status);
    }

    [Fact]
    public async Task EndExchange_FunctionIsSilent_NextExchangeReadsItsOwnAnswer()
    {
        Begin();
        for (var i = 0; i < 3; i++)
        {
            await _link.WriteAsync(Request);
            _exchange.Handed = true;
            await _output.Writer.WriteAsync(Answer, Cancel);
            Assert.Equal(200, await StatusAsync());
            _link.EndExchange();
            Assert.True(_link.TryBegin(_exchange));
        }
    }

    [Fact]
    public async Task EndExchange_MoreWasWritten_IsUnusable()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(Answer, Cancel);
        Assert.Equal(200, await StatusAsync());
        await _output.Writer.WriteAsync(Answer, Cancel);

        _link.EndExchange();

        await _link.Unusable.WaitAsync(Cancel);
        Assert.False(_link.IsIdle);
    }

    [Fact]
    public async Task EndExchange_MoreCameWithTheAnswer_IsUnusable()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync((byte[])[.. Answer, .. "x"u8], Cancel);
        Assert.Equal(200, await StatusAsync());

        _link.EndExchange();

        await _link.Unusable.WaitAsync(Cancel);
        Assert.False(_link.IsIdle);
    }

    [Fact]
    public async Task EndUnsent_FunctionIsSilent_AnotherExchangeCanBegin()
    {
        Begin();

        _link.EndUnsent();

        Assert.True(_link.IsIdle);
        await Assert.ThrowsAsync<IOException>(async () => await _link.WriteAsync(Request));
        Begin();
        await _link.WriteAsync(Request);
        Assert.Equal(Request, _input.ToArray());
    }

    [Fact]
    public async Task ReadHead_AnswersThatOnlyAnnounceAnother_ArePassedOver()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync((byte[])[.. "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"u8, .. Answer], Cancel);

        Assert.Equal(200, await StatusAsync());
    }

    [Fact]
    public async Task ReadHead_LargerThanTheBuffer_IsReadAndTheRoomNotKept()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        var value = new string('v', 10_000);
        await _output.Writer.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nLarge: {value}\r\nContent-Length: 3\r\n\r\nabc"), Cancel);

        var outcome = await HeadAsync(11_000);

        Assert.Equal([new Header("Large", value)], outcome.Head!.Headers);
        var body = new byte[10];
        Assert.Equal(3, await _link.ReadAsync(body));
        _link.EndExchange();
        Assert.True(_link.IsIdle);
    }

    [Fact]
    public async Task ReadHead_OverTheLimit_IsTooLarge()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nLarge: {new string('v', Limit)}\r\n\r\n"), Cancel);

        Assert.Equal(CallError.AnswerHeadersTooLarge, (await HeadAsync(Limit)).Failure?.Error);
    }

    [Fact]
    public async Task Dispose_HeadAwaited_ItIsBroken()
    {
        Begin();
        await _link.WriteAsync(Request);
        var reading = HeadAsync(Limit);

        _link.Dispose();

        Assert.Equal(CallError.AnswerBroken, (await reading).Failure?.Error);
    }

    [Fact]
    public async Task Dispose_BodyAwaited_FailsIt()
    {
        Begin();
        await _link.WriteAsync(Request);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(Answer, Cancel);
        Assert.Equal(200, await StatusAsync());
        var reading = _link.ReadAsync(new byte[100]);

        _link.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    private void Begin() => Assert.True(_link.TryBegin(_exchange));

    // Returns when the link has heard it.
    private async Task SayAsync(byte[] bytes)
    {
        await _output.Writer.WriteAsync(bytes, Cancel);
        await _link.WhyWriteFailedAsync();
    }

    private async ValueTask<HeadOutcome> HeadAsync(long limit)
    {
        await _link.HeardAsync();
        return await _link.ReadHeadAsync(limit);
    }

    private async Task<int?> StatusAsync() => (await HeadAsync(Limit)).Head?.Status;

    private static TaskCompletionSource Failed()
    {
        var gate = new TaskCompletionSource();
        gate.SetException(new IOException("Broken pipe"));
        return gate;
    }
}
