using System.IO.Pipelines;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>What a link makes of bytes, ends and failures at each moment of an exchange: the races that no real function can be made to run.</summary>
public sealed class FunctionLinkTests : IDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray();
    private static readonly byte[] Request = "POST / HTTP/1.1\r\n\r\n"u8.ToArray();

    private readonly Pipe _output = new();
    private readonly GatedInput _input = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Exchange _exchange = new(TestContext.Current.CancellationToken);
    private readonly FunctionLink _link;

    public FunctionLinkTests() => _link = new FunctionLink(_output.Reader.AsStream(), _input, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _link.Dispose();
        _exchange.Dispose();
        _input.Dispose();
    }

    [Fact]
    public async Task Idle_Byte_IsUnusable()
    {
        await _output.Writer.WriteAsync("x"u8.ToArray(), Cancel);

        await _link.Unusable.WaitAsync(Cancel);

        Assert.False(_link.TryBegin(_exchange));
        Assert.Null(_link.TryAttach());
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
        await using var client = Begin();
        await SayAsync(client, "x"u8.ToArray());

        await Assert.ThrowsAsync<IOException>(async () => await client.WriteAsync(Request, Cancel));

        Assert.True(_exchange.Lost);
        Assert.False(_exchange.Seen);
        Assert.Equal(0, _input.Length);
    }

    [Fact]
    public async Task Write_SmallFirstPieceFails_IsUnseenAndLost()
    {
        await using var client = Begin();
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await client.WriteAsync(new byte[4096], Cancel));

        Assert.True(_exchange.Lost);
        Assert.False(_exchange.Seen);
    }

    [Fact]
    public async Task Write_LargeFirstPieceFails_MayHaveBeenSeen()
    {
        await using var client = Begin();
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await client.WriteAsync(new byte[4097], Cancel));

        Assert.False(_exchange.Lost);
        Assert.True(_exchange.Seen);
    }

    [Fact]
    public async Task Write_LaterPieceFails_WasSeen()
    {
        await using var client = Begin();
        await client.WriteAsync(Request, Cancel);
        _input.Gate = Failed();

        await Assert.ThrowsAsync<IOException>(async () => await client.WriteAsync(Request, Cancel));

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
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
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
        var client = Begin();
        await client.WriteAsync(Request, Cancel);

        await SayAsync(client, Answer);

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        Assert.True(_exchange.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Sending_EndBeforeTheAnswer_IsBroken()
    {
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
        _exchange.Handed = true;

        await _output.Writer.CompleteAsync();
        Assert.Equal(0, await client.ReadAsync(new byte[10], Cancel));

        Assert.Equal(CallError.AnswerBroken, _exchange.Failure?.Error);
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteReturns_IsNotEarly()
    {
        var client = Begin();
        _exchange.Handed = true;
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = client.WriteAsync(Request, Cancel);
        await SayAsync(client, Answer);
        _time.Advance(TimeSpan.FromMilliseconds(99));

        _input.Gate.SetResult();
        await writing;
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Null(_exchange.Failure);
        Assert.Equal(Answer, await ReadAsync(client));
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteIsDoneAndTheThreadLate_IsNotEarly()
    {
        var client = Begin();
        _exchange.Handed = true;
        var write = new TaskCompletionSource();
        // Comes before whatever the link does after the write.
        var late = write.Task.ContinueWith(
            _ => _time.Advance(TimeSpan.FromMilliseconds(100)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _input.Whole = write.Task;
        var writing = client.WriteAsync(Request, Cancel).AsTask();
        await SayAsync(client, Answer);

        write.SetResult();

        await Task.WhenAll(late, writing);

        Assert.Null(_exchange.Failure);
        Assert.Equal(Answer, await ReadAsync(client));
    }

    [Fact]
    public async Task Sending_AnswerWhileTheLastWriteIsStuck_IsEarlyAfterAMoment()
    {
        var client = Begin();
        _exchange.Handed = true;
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = client.WriteAsync(Request, Cancel);
        await SayAsync(client, Answer);
        Assert.Null(_exchange.Failure);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(async () => await writing);
    }

    [Fact]
    public async Task Sending_AnswerBetweenTwoWritesOfWhichTheLastIsStuck_IsEarlyAfterAMoment()
    {
        var client = Begin();
        _exchange.Handed = true;
        await client.WriteAsync(Request, Cancel);
        await SayAsync(client, Answer);
        _input.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = client.WriteAsync(Request, Cancel);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(CallError.AnsweredEarly, _exchange.Failure?.Error);
        await client.DisposeAsync();
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
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(System.Text.Encoding.Latin1.GetBytes(said), Cancel);

        if (quoted is null)
            Assert.Equal(said.Length, await client.ReadAsync(new byte[100], Cancel));
        else
            await Assert.ThrowsAsync<IOException>(() => ReadAsync(client));

        Assert.Equal(quoted is null ? null : $"malformed HTTP response \"{quoted}\"", _exchange.Failure?.Detail);
    }

    [Fact]
    public async Task EndExchange_FunctionIsSilent_NextExchangeReadsItsOwnAnswer()
    {
        var client = Begin();
        for (var i = 0; i < 3; i++)
        {
            await client.WriteAsync(Request, Cancel);
            _exchange.Handed = true;
            await _output.Writer.WriteAsync(Answer, Cancel);
            Assert.Equal(Answer, await ReadAsync(client));
            _link.EndSending();
            _link.EndExchange();
            Assert.True(_link.TryBegin(_exchange));
        }
    }

    [Fact]
    public async Task EndExchange_MoreWasWritten_IsUnusable()
    {
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(Answer, Cancel);
        Assert.Equal(Answer, await ReadAsync(client));
        _link.EndSending();
        await _output.Writer.WriteAsync(Answer, Cancel);

        _link.EndExchange();

        await _link.Unusable.WaitAsync(Cancel);
        Assert.False(_link.IsIdle);
    }

    [Fact]
    public async Task Detach_BetweenExchanges_LinkCanBeGivenAgain()
    {
        var first = Begin();
        _link.EndUnsent();

        await first.DisposeAsync();

        Assert.True(_link.IsIdle);
        Assert.True(_link.TryBegin(_exchange));
        await using var second = _link.TryAttach()!;
        await Assert.ThrowsAsync<IOException>(async () => await first.WriteAsync(Request, Cancel));
        await second.WriteAsync(Request, Cancel);
        Assert.Equal(Request, _input.ToArray());
    }

    [Fact]
    public async Task Detach_ReadOfTheOldConnectionPending_SwallowsNothing()
    {
        var first = Begin();
        _link.EndUnsent();
        var stale = first.ReadAsync(new byte[100], Cancel);
        await first.DisposeAsync();
        Assert.True(_link.TryBegin(_exchange));
        var second = _link.TryAttach()!;
        await second.WriteAsync(Request, Cancel);
        _exchange.Handed = true;

        await _output.Writer.WriteAsync(Answer, Cancel);

        await Assert.ThrowsAsync<IOException>(async () => await stale);
        Assert.Equal(Answer, await ReadAsync(second));
    }

    [Fact]
    public async Task Detach_DuringAnExchange_EndsTheLink()
    {
        var client = Begin();
        await client.WriteAsync(Request, Cancel);

        await client.DisposeAsync();

        await _link.Unusable.WaitAsync(Cancel);
        Assert.Null(_link.TryAttach());
    }

    [Fact]
    public async Task ReadOfNothing_AnswerNotYetReadToItsEnd_WaitsForTheIdleTime()
    {
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
        _exchange.Handed = true;
        await _output.Writer.WriteAsync(Answer, Cancel);
        Assert.Equal(Answer, await ReadAsync(client));
        _link.EndSending();
        var lookedAfter = client.ReadAsync(Memory<byte>.Empty, Cancel);
        _link.EndExchange();
        Assert.True(_link.IsIdle);
        Assert.True(_link.TryBegin(_exchange));
        _exchange.Handed = false;
        await client.WriteAsync(Request, Cancel);
        _exchange.Handed = true;
        Assert.False(lookedAfter.IsCompleted);

        await _output.Writer.WriteAsync(Answer, Cancel);

        Assert.Equal(0, await lookedAfter);
        Assert.Equal(Answer, await ReadAsync(client));
    }

    [Fact]
    public async Task Dispose_ReadPending_FailsIt()
    {
        var client = Begin();
        await client.WriteAsync(Request, Cancel);
        var reading = client.ReadAsync(new byte[100], Cancel);

        _link.Dispose();

        await Assert.ThrowsAsync<IOException>(async () => await reading);
    }

    private ClientStream Begin()
    {
        Assert.True(_link.TryBegin(_exchange));
        return _link.TryAttach()!;
    }

    // Returns when the link has heard it: a read of nothing ends after that.
    private async Task SayAsync(ClientStream client, byte[] bytes)
    {
        await _output.Writer.WriteAsync(bytes, Cancel);
        Assert.Equal(0, await client.ReadAsync(Memory<byte>.Empty, Cancel));
    }

    private static async Task<byte[]> ReadAsync(ClientStream client)
    {
        var buffer = new byte[100];
        var count = await client.ReadAsync(buffer, Cancel);
        return buffer[..count];
    }

    private static TaskCompletionSource Failed()
    {
        var gate = new TaskCompletionSource();
        gate.SetException(new IOException("Broken pipe"));
        return gate;
    }
}
