using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Cold;

/// <summary>Gives a function the body on its standard input, and then the end of input; but never the end of a body that broke off.</summary>
internal sealed class ColdInput(Stream input)
{
    private const int CopyBuffer = 32 * 1024;

    private readonly TaskCompletionSource<CallFailure> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _sending = Task.CompletedTask;

    /// <summary>Completes only if the client's body could not be read to its end.</summary>
    public Task<CallFailure> Broken => _broken.Task;

    /// <summary>Completes when the whole body is with the function, or the function wants no more of it.</summary>
    public Task Sent => _sent.Task;

    public void Start(CallBody body, CancellationToken cancel) => _sending = SendAsync(body, cancel);

    /// <summary>Completes when nothing is written any more.</summary>
    public Task StoppedAsync() => _sending;

    private async Task SendAsync(CallBody body, CancellationToken cancel)
    {
        try
        {
            if (!body.IsBuffered)
                await CopyAsync(body, cancel);
            else if (!body.Buffered.IsEmpty)
                await input.WriteAsync(body.Buffered, cancel);
        }
        catch (BrokenSourceException e)
        {
            _broken.TrySetResult(e.Failure);
            return;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The function does not read its input, or has ended, or the exchange is over: whether that is a failure its exit code says.
        }
        _sent.TrySetResult();
        try
        {
            await input.DisposeAsync();
        }
        catch (IOException)
        {
            // Closed by the function before.
        }
    }

    private async Task CopyAsync(CallBody body, CancellationToken cancel)
    {
        var source = body.Open();
        var buffer = new byte[CopyBuffer];
        var left = body.Length ?? long.MaxValue;
        while (left > 0)
        {
            int count;
            try
            {
                count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancel);
            }
            catch (Exception e)
            {
                throw new BrokenSourceException(ClientBody.FailureOf(e), e);
            }
            if (count == 0 && body.Length is not null)
                throw new BrokenSourceException(new CallFailure(CallError.ClientLeft), null);
            if (count == 0)
                return;
            left -= count;
            await input.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
    }

    private sealed class BrokenSourceException(CallFailure failure, Exception? inner) : Exception(null, inner)
    {
        public CallFailure Failure { get; } = failure;
    }
}
