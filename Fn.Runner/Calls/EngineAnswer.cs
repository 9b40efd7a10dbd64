using System.Diagnostics.CodeAnalysis;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;

namespace Fn.Runner.Calls;

/// <summary>
/// An answer whose body comes straight from the container. The slot goes back with the body's last byte, or on disposal before that: what is left is then
/// read and dropped in the background for as long as an abandoned call may take.
/// </summary>
internal sealed class EngineAnswer : RunnerAnswer
{
    private readonly CallRun _run;
    private readonly BodyStream _body;
    private readonly BackgroundWork _background;
    private int _disposed;

    [SetsRequiredMembers]
    public EngineAnswer(ExchangeAnswer answer, CallRun run, BackgroundWork background)
    {
        _run = run;
        _background = background;
        _body = new BodyStream(answer.Body, run);
        Status = answer.Status;
        Headers = answer.Headers;
        ContentLength = answer.ContentLength;
        Body = _body;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (_body.IsOver)
        {
            await _body.DisposeAsync();
            return;
        }
        _run.OnClientLeft();
        _background.Run(() => DropRestAsync(_body));
    }

    /// <summary>Reads a body to its end and drops it. Returns why that was not possible; null: it was.</summary>
    public static async Task<CallFailure?> DropRestAsync(Stream body)
    {
        await using (body)
        {
            try
            {
                await body.CopyToAsync(Stream.Null);
                return null;
            }
            catch (CallBrokenException e)
            {
                return e.Failure;
            }
        }
    }

    private sealed class BodyStream(Stream inner, CallRun run) : ReadOnlyStream
    {
        public bool IsOver { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsOver)
                return ValueTask.FromResult(0);
            ValueTask<int> read;
            try
            {
                read = inner.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                read = ValueTask.FromException<int>(e);
            }
#pragma warning disable VSTHRD103 // It is done.
            return read.IsCompletedSuccessfully ? ValueTask.FromResult(Take(read.Result, buffer)) : ReadOnAsync(read, buffer);
#pragma warning restore VSTHRD103
        }

        private async ValueTask<int> ReadOnAsync(ValueTask<int> read, Memory<byte> buffer)
        {
            try
            {
                return Take(await read, buffer);
            }
            catch (OperationCanceledException) when (run.Cancelled.IsCancellationRequested)
            {
                var failure = run.WhyCancelled();
                End(whole: false, failure.Error);
                throw new CallBrokenException(failure);
            }
            catch (IOException e)
            {
                End(whole: false, (e as CallBrokenException)?.Failure.Error ?? CallError.AnswerBroken);
                throw;
            }
        }

        public override async ValueTask DisposeAsync()
        {
            End(whole: false, CallError.ClientLeft);
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        private int Take(int count, Memory<byte> buffer)
        {
            if (count == 0 && !buffer.IsEmpty)
                End(whole: true, null);
            return count;
        }

        private void End(bool whole, CallError? error)
        {
            IsOver = true;
            run.Complete(whole, error);
        }
    }
}
