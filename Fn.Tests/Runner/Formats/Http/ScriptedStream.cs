using Fn.ServiceDefaults.IO;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>A function that answers the first thing that is written to it with bytes in pieces, and then ends.</summary>
internal sealed class ScriptedStream(byte[] answer, int seed) : ReadOnlyStream
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Random _random = new(seed);
    private int _said;

    public override bool CanWrite => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _asked.Task.WaitAsync(cancellationToken);
        if (buffer.IsEmpty)
            return 0;
        var count = Math.Min(Math.Min(buffer.Length, answer.Length - _said), 1 + _random.Next(_random.Next(2) == 0 ? 8 : 4096));
        answer.AsSpan(_said, count).CopyTo(buffer.Span);
        _said += count;
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        return Task.CompletedTask;
    }
}
