using System.Runtime.CompilerServices;
using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Drivers;

/// <summary>A stream that a function writes to. Knows whether its reader is still at it, so that a removal does not take the last words from it.</summary>
internal sealed class FunctionOutput(Stream inner) : ReadOnlyStream
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _begun;
    private volatile bool _reading;

    /// <summary>Completes when nobody reads: nobody ever did, or the reader came to the end or gave up.</summary>
    public Task ReaderLeft => _begun ? _left.Task : Task.CompletedTask;

    /// <summary>Whether somebody waits for more at this moment, so that what is written does not pile up.</summary>
    public bool IsBeingRead => _reading;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _begun = true;
        _reading = true;
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (count == 0 && !buffer.IsEmpty)
                _left.TrySetResult();
            return count;
        }
        catch
        {
            _left.TrySetResult();
            throw;
        }
        finally
        {
            _reading = false;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _left.TrySetResult();
        }
        base.Dispose(disposing);
    }
}
