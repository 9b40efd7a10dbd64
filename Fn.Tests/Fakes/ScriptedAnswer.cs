using System.IO.Pipelines;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;
using Fn.Tests.Runner.Seam;

namespace Fn.Tests.Fakes;

/// <summary>A function's answer whose body the test writes piece by piece.</summary>
internal sealed class ScriptedAnswer : RunnerAnswer, ISeamAnswer
{
    private readonly TaskCompletionSource<bool> _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pipe _pipe;
    private readonly TrackingStream _tracked;

    private ScriptedAnswer(Pipe pipe, TrackingStream tracked)
    {
        _pipe = pipe;
        _tracked = tracked;
    }

    /// <summary>Completes when the reader disposed the answer: true when it had read all of it.</summary>
    public Task<bool> Disposed => _disposed.Task;

    public static ScriptedAnswer Create(int status, IReadOnlyList<Header>? headers = null, long? contentLength = null)
    {
        var pipe = new Pipe();
        var tracked = new TrackingStream(pipe.Reader.AsStream());
        return new ScriptedAnswer(pipe, tracked) { Status = status, Headers = headers ?? [], ContentLength = contentLength, Body = tracked };
    }

    /// <summary>Writes a piece; waits while the reader is behind.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _pipe.Writer.WriteAsync(bytes);

    public void End() => _pipe.Writer.Complete();

    public void Break(CallError error) => _pipe.Writer.Complete(new CallBrokenException(new CallFailure(error)));

    public override ValueTask DisposeAsync()
    {
        _disposed.TrySetResult(_tracked.AtEnd);
        return ValueTask.CompletedTask;
    }

    private sealed class TrackingStream(Stream inner) : ReadOnlyStream
    {
        public bool AtEnd { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            AtEnd |= count == 0 && buffer.Length > 0;
            return count;
        }
    }
}
