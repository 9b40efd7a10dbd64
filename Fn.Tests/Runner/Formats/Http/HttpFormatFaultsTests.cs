using System.IO.Pipelines;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Functions;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>Functions of the format <c>http</c> that do wrong, and clients that break off: each has its defined outcome.</summary>
public sealed class HttpFormatFaultsTests(ProcessFormatHost host) : IClassFixture<ProcessFormatHost>
{
    private static readonly FunctionSpec Faulty = TestSpecs.Function(FaultyFunction.Image, FunctionFormat.Http, FaultyFunction.Config);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 0", CallError.AnswerBroken)]
    [InlineData("exit 1", CallError.AnswerBroken)]
    [InlineData("close-without-answer", CallError.AnswerBroken)]
    [InlineData("close-stdout", CallError.AnswerBroken)]
    [InlineData("endless-headers", CallError.AnswerHeadersTooLarge)]
    [InlineData("header-size 70000", CallError.AnswerHeadersTooLarge)]
    [InlineData("switch-protocols", CallError.InvalidHttpResponse)]
    [InlineData("bad-length", CallError.InvalidHttpResponse)]
    public async Task Send_NoAnswerThatCanBePassedOn_FailsAndEndsTheChannel(string behaviour, CallError error)
    {
        await using var function = await StartAsync();

        ExchangeAssert.Failed(error, await function.SendAsync(Call(behaviour)));

        Assert.False(function.Channel.Reusable);
        await function.Channel.Broken.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Send_Garbage_FailsAtOnceWithWhatItIs()
    {
        await using var function = await StartAsync();

        var failure = ExchangeAssert.Failed(CallError.InvalidHttpResponse, await function.SendAsync(Call("garbage")));

        Assert.Equal("malformed HTTP response \"this is no HTTP\"", failure.Detail);
        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_HeadersWithinTheLimit_ArePassedOn()
    {
        await using var function = await StartAsync();

        var answer = ExchangeAssert.Answered(await function.SendAsync(Call("header-size 60000")));

        Assert.Equal(60_000, Assert.Single(answer.Headers).Value.Length);
    }

    [Theory]
    [InlineData("half", CallError.AnswerCutShort, 500)]
    [InlineData("half-exit 500", CallError.AnswerBroken, 500)]
    [InlineData("invalid-chunks", CallError.AnswerBroken, 5)]
    [InlineData("cut-chunks", CallError.AnswerBroken, 5)]
    public async Task Read_AnswerBreaksOff_ThrowsAfterWhatCame(string behaviour, CallError error, int length)
    {
        await using var function = await StartAsync();

        var text = await ExchangeAssert.BreaksAsync(error, await function.SendAsync(Call(behaviour)));

        Assert.Equal(length, text.Length);
        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("two-answers", "one")]
    [InlineData("longer-than-content-length", "hello")]
    public async Task Read_MoreThanTheAnswer_IsPassedOnAloneAndEndsTheChannel(string behaviour, string text)
    {
        await using var function = await StartAsync();

        Assert.Equal(text, await ExchangeAssert.TextAsync(await function.SendAsync(Call(behaviour))));

        Assert.False(function.Channel.Reusable);
        Assert.IsType<NotSentOutcome>(await function.SendAsync(Call()));
    }

    [Fact]
    public async Task Idle_FunctionSpeaks_ChannelBreaksAndTakesNoCall()
    {
        await using var function = await StartAsync();
        Assert.Equal("first", await ExchangeAssert.TextAsync(await function.SendAsync(Call("late-second-answer 20"))));

        await function.Channel.Broken.WaitAsync(Cancel);

        Assert.False(function.Channel.Reusable);
        Assert.IsType<NotSentOutcome>(await function.SendAsync(Call()));
    }

    [Fact]
    public async Task Idle_FunctionDies_ChannelBreaksAndTakesNoCall()
    {
        await using var function = await StartAsync();
        await ExchangeAssert.TextAsync(await function.SendAsync(Call()));

        await function.Container.RemoveAsync();

        await function.Channel.Broken.WaitAsync(Cancel);
        Assert.IsType<NotSentOutcome>(await function.SendAsync(Call()));
    }

    [Fact]
    public async Task Send_AnswersBeforeALargeRequestIsRead_FailsAsEarly()
    {
        await using var function = await StartAsync();

        // Larger than the pipe: it cannot be written to its end.
        ExchangeAssert.Failed(CallError.AnsweredEarly, await function.SendAsync(Call("early", CallBody.FromStream(new MemoryStream(new byte[1 << 20]), 1 << 20))));

        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_AnswersWhileTheClientStillSends_FailsAsEarly()
    {
        await using var function = await StartAsync();
        var client = new Pipe();
        await client.Writer.WriteAsync("beginning"u8.ToArray(), Cancel);

        ExchangeAssert.Failed(CallError.AnsweredEarly, await function.SendAsync(Call("early", CallBody.FromStream(client.Reader.AsStream(), null))));

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("exit-unread 0", CallError.AnswerBroken)]
    [InlineData("close-stdin", CallError.InputClosed)]
    public async Task Send_InputClosedBeforeALargeRequestIsRead_Fails(string behaviour, CallError error)
    {
        await using var function = await StartAsync();

        ExchangeAssert.Failed(error, await function.SendAsync(Call(behaviour, CallBody.FromStream(new MemoryStream(new byte[1 << 20]), 1 << 20))));

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000L)]
    public async Task Send_ClientBreaksOff_IsItsFaultAndEndsTheChannel(long? length)
    {
        await using var function = await StartAsync();
        var client = new Pipe();
        await client.Writer.WriteAsync("beginning"u8.ToArray(), Cancel);

        var sending = function.SendAsync(Call("echo", CallBody.FromStream(client.Reader.AsStream(), length)));
        await client.Writer.CompleteAsync(new IOException("gone"));

        ExchangeAssert.Failed(CallError.ClientLeft, await sending);
        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_ClientSendsLessThanItSaid_IsItsFault()
    {
        await using var function = await StartAsync();

        ExchangeAssert.Failed(CallError.ClientLeft, await function.SendAsync(Call("echo", CallBody.FromStream(new MemoryStream(new byte[10]), 11))));
    }

    [Fact]
    public async Task Send_ClientSendsTooMuch_IsSaidSo()
    {
        await using var function = await StartAsync();
        var client = new Pipe();
        await client.Writer.CompleteAsync(new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge));

        ExchangeAssert.Failed(CallError.RequestTooLarge, await function.SendAsync(Call("echo", CallBody.FromStream(client.Reader.AsStream(), null))));
    }

    [Fact]
    public async Task Send_Cancelled_ThrowsAndEndsTheChannel()
    {
        await using var function = await StartAsync();
        using var cancel = new CancellationTokenSource();
        var sending = function.SendAsync(Call($"count-executions {function.ExecutionsFile} nothing"), cancel.Token);
        await function.ExecutedAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Send_CancelledBefore_ThrowsAndKeepsTheChannel()
    {
        await using var function = await StartAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await function.SendAsync(Call(), new CancellationToken(canceled: true)));

        Assert.True(function.Channel.Reusable);
        Assert.Equal("", await ExchangeAssert.TextAsync(await function.SendAsync(Call())));
    }

    [Fact]
    public async Task Read_ExchangeCancelled_ThrowsAndEndsTheChannel()
    {
        await using var function = await StartAsync();
        using var cancel = new CancellationTokenSource();
        await using var body = ExchangeAssert.Answered(await function.SendAsync(Call("stall"), cancel.Token)).Body;
        await body.ReadExactlyAsync(new byte[500], Cancel);
        var reading = body.ReadAsync(new byte[1], Cancel);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        Assert.False(function.Channel.Reusable);
    }

    [Fact]
    public async Task Read_GivenUpBeforeTheEnd_EndsTheChannel()
    {
        await using var function = await StartAsync();
        var answer = ExchangeAssert.Answered(await function.SendAsync(Call("big 100000")));
        await answer.Body.ReadExactlyAsync(new byte[10], Cancel);

        await answer.Body.DisposeAsync();

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("big 1001")]
    public async Task Send_AnnouncedAnswerOverTheLimit_FailsBeforeAnyByte(string behaviour)
    {
        await using var function = await StartAsync(options => options.MaxResponseSize = 1000);

        ExchangeAssert.Failed(CallError.AnswerTooLarge, await function.SendAsync(Call(behaviour)));

        Assert.False(function.Channel.Reusable);
    }

    [Theory]
    [InlineData("big 1000")]
    [InlineData("stream 1000")]
    public async Task Send_AnswerOfExactlyTheLimit_IsPassedOn(string behaviour)
    {
        await using var function = await StartAsync(options => options.MaxResponseSize = 1000);

        Assert.Equal(1000, (await ExchangeAssert.BytesAsync(await function.SendAsync(Call(behaviour)))).Length);

        Assert.True(function.Channel.Reusable);
    }

    [Fact]
    public async Task Read_AnswerOfUnknownLengthOverTheLimit_BreaksOff()
    {
        await using var function = await StartAsync(options => options.MaxResponseSize = 2500);

        await ExchangeAssert.BreaksAsync(CallError.AnswerTooLarge, await function.SendAsync(Call("stream 100000")));

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
        var call = Call($"count-executions {function.ExecutionsFile} close-without-answer", withBody ? CallBody.FromBuffer("body"u8.ToArray()) : null);

        ExchangeAssert.Failed(CallError.AnswerBroken, await function.SendAsync(call));

        await function.Container.Ended.WaitAsync(Cancel);
        Assert.Equal([call.CallId], await File.ReadAllLinesAsync(function.ExecutionsFile, Cancel));
    }

    private static CallOffer Call(string? behaviour = null, CallBody? body = null) =>
        TestSpecs.Call(Faulty, body, headers: behaviour is null ? [] : [new Header(FaultyFunction.Header, behaviour)]);

    private Task<TestFunction> StartAsync(Action<CallOptions>? limits = null) =>
        TestFunction.StartAsync(host, new HttpFormat(TestFunction.Limits(limits), TimeProvider.System), Faulty);
}
