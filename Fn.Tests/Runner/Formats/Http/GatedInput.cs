namespace Fn.Tests.Runner.Formats.Http;

/// <summary>A function's input whose writes end when, and as, a test says.</summary>
internal sealed class GatedInput : MemoryStream
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a write waits for; null: nothing.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>All that a write is, when a test wants to run something between its end and whatever waits for that; null: what <see cref="Gate"/> says.</summary>
    public Task? Whole { get; set; }

    /// <summary>Completes when a write has begun.</summary>
    public Task Begun => _begun.Task;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Whole is { } whole ? new ValueTask(whole) : WriteGatedAsync(buffer, cancellationToken);

    private async ValueTask WriteGatedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        _begun.TrySetResult();
        if (Gate is { } gate)
            await gate.Task.WaitAsync(cancellationToken);
        Write(buffer.Span);
    }
}
