using System.Text;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.IO;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Http;

public sealed class AnswerCopierTests
{
    private const string Text = "comes after the head";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CopyAsync_WholeBodyIsThereOnceTheHeadHasGone_IsSent(bool knowsLength)
    {
        var body = new LateBody();
        await using var answer = new LateAnswer { Status = 200, Headers = [], ContentLength = knowsLength ? Text.Length : null, Body = body };
        await using var server = await LoopbackServer.StartAsync(
            static _ => { }, app => app.Run(async context => await AnswerCopier.CopyAsync(answer, context.Response, new PlainHead(), context.RequestAborted)));
        using var client = new HttpClient();
        using var response = await client.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead, Cancel);

        body.Come();

        Assert.Equal(Text, await response.Content.ReadAsStringAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel));
    }

    [Fact]
    public async Task CopyAsync_ReaderLeavesWhileTheBodyIsRead_IsOverOnlyWithTheRead()
    {
        var body = new LateBody();
        await using var answer = new LateAnswer { Status = 200, Headers = [], ContentLength = null, Body = body };

        var copying = AnswerCopier.CopyAsync(answer, new LeftTarget(), Cancel).AsTask();
        Assert.False(copying.IsCompleted);
        body.Come();

        Assert.Equal(AnswerCopyEnd.ReaderLeft, (await copying).End);
    }

    /// <summary>Has nothing at first, then all of it and its end at once.</summary>
    private sealed class LateBody : ReadOnlyStream
    {
        private readonly TaskCompletionSource _come = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _read;

        public void Come() => _come.SetResult();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _read ? ValueTask.FromResult(0) : ReadAllAsync(buffer);

        private async ValueTask<int> ReadAllAsync(Memory<byte> buffer)
        {
            await _come.Task;
            _read = true;
            return Encoding.ASCII.GetBytes(Text, buffer.Span);
        }
    }

    private sealed class LateAnswer : RunnerAnswer
    {
        public override ValueTask DisposeAsync() => Body.DisposeAsync();
    }

    /// <summary>Whoever it is for has gone.</summary>
    private sealed class LeftTarget : IAnswerTarget
    {
        public bool NeedsFirstChunk => false;

        public bool HasStarted { get; private set; }

        public Task StartAsync(ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft)
        {
            HasStarted = true;
            return Task.CompletedTask;
        }

        public void WriteHeadOnly() => HasStarted = true;

        public void Write(ReadOnlySpan<byte> bytes)
        {
        }

        public Memory<byte> GetMemory(int size) => new byte[size];

        public void Advance(int count)
        {
        }

        public ValueTask FlushAsync(CancellationToken readerLeft) => ValueTask.FromException(new OperationCanceledException());
    }

    private sealed class PlainHead : IAnswerHead
    {
        public bool NeedsFirstChunk => false;

        public void Write(HttpResponse response, ReadOnlySpan<byte> firstChunk) => response.StatusCode = StatusCodes.Status200OK;
    }
}
