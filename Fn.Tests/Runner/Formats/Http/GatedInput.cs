namespace Fn.Tests.Runner.Formats.Http;

/// <summary>A function's input whose writes end when, and as, a test says.</summary>
internal sealed class GatedInput : MemoryStream
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a write waits for; null: nothing.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Completes when a write has begun.</summary>
    public Task Begun => _begun.Task;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _begun.TrySetResult();
        if (Gate is { } gate)
            await gate.Task.WaitAsync(cancellationToken);
        Write(buffer.Span);
    }
}
