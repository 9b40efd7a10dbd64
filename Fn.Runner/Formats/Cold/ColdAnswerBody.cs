using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Formats.Cold;

/// <summary>An answer that became known before its function has ended: what was held back, then what comes. Its end is the function's, with exit code 0.</summary>
internal sealed class ColdAnswerBody(Stream held, DefaultChannel channel, CancellationToken cancel) : ReadOnlyStream
{
    private bool _heldIsOver;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        if (!_heldIsOver && await held.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            return count;
        _heldIsOver = true;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, cancellationToken);
        return await channel.ReadOnAsync(buffer, both.Token);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            held.Dispose();
        base.Dispose(disposing);
    }
}
