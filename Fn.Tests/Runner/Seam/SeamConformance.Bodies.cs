using System.Text;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Seam;

/// <summary>What every implementation of the seam does alike: bodies, and ends before the end.</summary>
public abstract partial class SeamConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(CallBody.MaxBuffered)]
    public async Task OfferAsync_BufferedBody_ArrivesWhole(int length)
    {
        await using var seam = await CreateAsync();
        var body = new byte[length];
        Random.Shared.NextBytes(body);
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromBuffer(body), function: seam.Function), Cancel).AsTask();

        var call = await seam.NextCallAsync(Cancel);

        Assert.Equal(length, call.Offer.Body.Length);
        Assert.Equal(body, await call.ReadBodyAsync(Cancel));
        await call.AnswerAsync("done");
        await (await offering).Answer().DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10L)]
    public async Task OfferAsync_StreamedBody_ArrivesWhileClientStillSends(long? length)
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, length), function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        Assert.False(client.WasRead);
        Assert.Equal(length, call.Offer.Body.Length);
        var body = call.OpenBody();

        client.Send("first");
        Assert.Equal("first", await ReadTextAsync(body, 5));
        client.Send("later");
        client.End();
        Assert.Equal("later", await ReadTextAsync(body, 5));
        Assert.Equal(0, await ReadByteAsync(body));

        await call.AnswerAsync("done");
        await using var answer = (await offering).Answer();
        Assert.Equal("done", await answer.ReadTextAsync(Cancel));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10L)]
    public async Task OfferAsync_AnswerBody_ArrivesWhileFunctionStillWrites(long? length)
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        var given = (await seam.NextCallAsync(Cancel)).Answer(200, [], length);

        await using var answer = (await offering).Answer();
        Assert.Equal(length, answer.ContentLength);
        await given.WriteAsync("first"u8.ToArray());
        Assert.Equal("first", await ReadTextAsync(answer.Body, 5));
        await given.WriteAsync("later"u8.ToArray());
        given.End();
        Assert.Equal("later", await ReadTextAsync(answer.Body, 5));
        Assert.Equal(0, await ReadByteAsync(answer.Body));
        await answer.DisposeAsync();

        Assert.True(await given.Disposed);
    }

    [Fact]
    public async Task OfferAsync_LargeBodies_PassWithoutBeingHeld()
    {
        const long length = 64L * 1024 * 1024;
        await using var seam = await CreateAsync();
        using var client = new PatternStream(length);
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null), function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);

        Assert.Equal(length, await client.VerifyAsync(call.OpenBody(), Cancel));

        var given = call.Answer(200, [], null);
        await using var answer = (await offering).Answer();
        using var function = new PatternStream(length);
        var writing = function.WriteToAsync(given, Cancel);
        Assert.Equal(length, await function.VerifyAsync(answer.Body, Cancel));
        await writing;
    }

    [Fact]
    public async Task OfferAsync_ClientLeavesWhileWaiting_EndsAtOnce()
    {
        await using var seam = await CreateAsync();
        using var client = new CancellationTokenSource();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), client.Token).AsTask();
        var call = await seam.NextCallAsync(Cancel);

        await client.CancelAsync();

        Assert.Equal(CallError.ClientLeft, (await offering).Failure().Error);
        await call.ClientLeft.WaitAsync(Cancel);
    }

    [Fact]
    public async Task OfferAsync_ClientLeavesInItsBody_BodyFailsAndNeverEndsAsIfWhole()
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null), function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        var body = call.OpenBody();
        client.Send("part");
        Assert.Equal("part", await ReadTextAsync(body, 4));

        client.Break();

        await Assert.ThrowsAnyAsync<IOException>(() => ReadByteAsync(body));
        call.Fail(new CallFailure(CallError.ClientLeft));
        Assert.Equal(CallError.ClientLeft, (await offering).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_FailsInTheMiddleOfASlowBody_AnswersWithoutTheRest()
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null), function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);
        var body = call.OpenBody();
        client.Send("part");
        Assert.Equal("part", await ReadTextAsync(body, 4));

        // The client neither sends nor ends.
        call.Fail(new CallFailure(CallError.FunctionTimedOut));

        Assert.Equal(CallError.FunctionTimedOut, (await offering).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_FailsBeforeTheBodyIsAskedFor_LeavesItWithTheClient()
    {
        await using var seam = await CreateAsync();
        using var client = new ClientStream();
        var offering = seam.Runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, 1_000_000), function: seam.Function), Cancel).AsTask();
        var call = await seam.NextCallAsync(Cancel);

        call.Fail(new CallFailure(CallError.QueueTimedOut));

        Assert.Equal(CallError.QueueTimedOut, (await offering).Failure().Error);
        Assert.False(client.WasRead);
    }

    [Fact]
    public async Task OfferAsync_AnswerBreaksOff_ReadingThrowsAndNeverEndsAsIfWhole()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        var given = (await seam.NextCallAsync(Cancel)).Answer(200, [], null);
        await using var answer = (await offering).Answer();
        await given.WriteAsync("part"u8.ToArray());
        Assert.Equal("part", await ReadTextAsync(answer.Body, 4));

        given.Break(CallError.AnswerBroken);

        var broken = await Assert.ThrowsAsync<CallBrokenException>(() => ReadByteAsync(answer.Body));
        // Over a wire, who broke off is not always known.
        Assert.True(broken.Failure.Error is CallError.AnswerBroken or CallError.RunnerLost);
    }

    [Fact]
    public async Task OfferAsync_AnswerDisposedBeforeItsEnd_RunnerIsTold()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        var given = (await seam.NextCallAsync(Cancel)).Answer(200, [], null);
        var answer = (await offering).Answer();
        await given.WriteAsync("part"u8.ToArray());
        Assert.Equal("part", await ReadTextAsync(answer.Body, 4));

        await answer.DisposeAsync();

        Assert.False(await given.Disposed.WaitAsync(Cancel));
    }

    [Fact]
    public async Task OfferAsync_AnswerDisposedTwice_IsHarmless()
    {
        await using var seam = await CreateAsync();
        var offering = seam.Runner.OfferAsync(Samples.Offer(function: seam.Function), Cancel).AsTask();
        await (await seam.NextCallAsync(Cancel)).AnswerAsync("done");
        var answer = (await offering).Answer();

        await answer.DisposeAsync();
        await answer.DisposeAsync();
    }

    private static async Task<int> ReadByteAsync(Stream stream) => await stream.ReadAsync(new byte[1], Cancel);

    private static async Task<string> ReadTextAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, Cancel);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Bytes that can be told from any other bytes, without being kept.</summary>
    private sealed class PatternStream(long length) : ReadOnlyStream
    {
        // What lies between the two ends: buffers of sockets and servers.
        private const long MostBetween = 16 * 1024 * 1024;

        private const int MostAtOnce = 64 * 1024;

        // A prime, so that no buffer's size is a multiple of it.
        private const int Period = 251;

        private static readonly byte[] Pattern = [.. Enumerable.Range(0, MostAtOnce + Period).Select(i => (byte)(i % Period))];

        private long _position;

        public async Task WriteToAsync(ISeamAnswer answer, CancellationToken cancel)
        {
            var buffer = new byte[MostAtOnce];
            for (int count; (count = await ReadAsync(buffer, cancel)) > 0;)
                await answer.WriteAsync(buffer.AsMemory(0, count));
            answer.End();
        }

        /// <summary>Reads what comes out at the other end; returns its length.</summary>
        public async Task<long> VerifyAsync(Stream stream, CancellationToken cancel)
        {
            var buffer = new byte[MostAtOnce];
            var position = 0L;
            for (int count; (count = await stream.ReadAsync(buffer, cancel)) > 0;)
            {
                if (!buffer.AsSpan(0, count).SequenceEqual(At(position, count)))
                    Assert.Fail($"Something is wrong between bytes {position} and {position + count}.");
                position += count;
                Assert.InRange(Volatile.Read(ref _position) - position, 0, MostBetween);
            }
            return position;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(Math.Min(buffer.Length, MostAtOnce), length - _position);
            At(_position, count).CopyTo(buffer.Span);
            Volatile.Write(ref _position, _position + count);
            return new(count);
        }

        private static ReadOnlySpan<byte> At(long position, int count) => Pattern.AsSpan((int)(position % Period), count);
    }
}
