using System.Text;
using Fn.ServiceDefaults.IO;

namespace Fn.Tests.Fakes;

/// <summary>A body that comes as the test writes it: a function's answer, or what a client sends.</summary>
/// <param name="channel">The channel that can take another call once the body was read to its end; null for a client's body.</param>
/// <param name="cancel">Ends reading with an exception.</param>
internal sealed class FakeBody(FakeChannel? channel = null, CancellationToken cancel = default) : ReadOnlyStream
{
    private readonly Queue<byte[]> _chunks = new();
    private readonly Lock _lock = new();
    // Not asynchronous: what follows stays with the scheduler of the test.
    private TaskCompletionSource _more = new();
    private Exception? _broken;
    private bool _ended;

    public bool IsDisposed { get; private set; }

    public void Write(string text) => Change(() => _chunks.Enqueue(Encoding.UTF8.GetBytes(text)));

    public void End() => Change(() => _ended = true);

    public void Break(Exception exception) => Change(() => _broken = exception);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, cancellationToken);
        while (true)
        {
            both.Token.ThrowIfCancellationRequested();
            Task more;
            lock (_lock)
            {
                if (_chunks.TryDequeue(out var chunk))
                {
                    chunk.CopyTo(buffer);
                    return chunk.Length;
                }
                if (_broken is not null)
                    throw _broken;
                if (_ended)
                {
                    channel?.Reusable = true;
                    return 0;
                }
                more = _more.Task;
            }
            await more.WaitAsync(both.Token);
        }
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    private void Change(Action change)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            change();
            (more, _more) = (_more, new TaskCompletionSource());
        }
        more.SetResult();
    }
}
