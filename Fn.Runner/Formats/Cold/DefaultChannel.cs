using System.Globalization;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Cold;

/// <summary>
/// The one call of a cold container. The beginning of an answer is held back until the function has ended, or much or long enough was written, so that
/// a function which writes a little and then fails is a failure and not a broken answer. All of it is held back while the request is still on its way: an
/// answer ends the request, on the wire as in this process, and a filter such as <c>tr</c> writes while it reads.
/// </summary>
internal sealed class DefaultChannel(IContainer container, CallOptions options, TimeProvider time) : ICallChannel
{
    private const int HoldBytes = 64 * 1024;
    private const int OutOfMemoryCode = 137;

    private static readonly TimeSpan HoldTime = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private readonly ColdInput _input = new(container.Input);
    private readonly ColdOutput _output = new(container.Output, container.Ended, time);
    private long _read;
    private int _disposed;

    public Task Broken => _closed.Task;

    public bool Reusable => false;

    public async ValueTask<ExchangeOutcome> SendAsync(ExchangeRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        // The function has the call's head since its start, so the call is seen whatever becomes of its body: there is no NotSentOutcome.
        _input.Start(request.Call.Body, _over.Token);
        var held = new HeldAnswer();
        ExchangeOutcome? outcome = null;
        try
        {
            return outcome = await HoldAsync(held, request.Call.Body.IsBuffered, cancel);
        }
        finally
        {
            // An answer takes it along; a call that failed, was left or ran out of time does not.
            if (outcome is not ExchangeAnswer)
                held.Dispose();
        }
    }

    /// <summary>The answer's next bytes; 0 when the function has ended well.</summary>
    public async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        var fill = _output.FillAsync();
        await Task.WhenAny(fill, _input.Broken).WaitAsync(cancel);
        if (!fill.IsCompleted)
            throw new CallBrokenException(await _input.Broken);
        if (!await fill)
            return FailureOf(await EndAsync(cancel)) is { } failure ? throw new CallBrokenException(failure) : 0;
        var count = Math.Min(buffer.Length, _output.Available.Length);
        _output.Available[..count].CopyTo(buffer);
        _output.Take(count);
        _read += count;
        return _read > options.MaxResponseSize ? throw new CallBrokenException(new CallFailure(CallError.AnswerTooLarge)) : count;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _over.CancelAsync();
        await _input.StoppedAsync();
        _output.Dispose();
        _over.Dispose();
        _closed.TrySetResult();
    }

    private async ValueTask<ExchangeOutcome> HoldAsync(HeldAnswer held, bool requestIsHere, CancellationToken cancel)
    {
        Task? holdOver = null;
        while (true)
        {
            var requestIsOver = requestIsHere || _input.Sent.IsCompleted;
            var fill = _output.FillAsync();
            // An engine may take longer to tell the exit code than the answer is held back, but then nothing is there that could be passed on meanwhile.
            if (requestIsOver && !_output.IsClosed && (held.Length >= HoldBytes || holdOver is { IsCompleted: true }))
                break;
            var change = !requestIsOver ? _input.Sent : holdOver is null || _output.IsClosed ? fill : holdOver;
            await Task.WhenAny(fill, _input.Broken, change).WaitAsync(cancel);
            if (!fill.IsCompleted && _input.Broken.IsCompleted)
                return new ExchangeFailedOutcome(await _input.Broken);
            if (!fill.IsCompleted)
                continue;
            if (!await fill)
                return FailureOf(await EndAsync(cancel)) is { } failure ? new ExchangeFailedOutcome(failure) : Answer(held.Open(), held.Length);
            await held.AddAsync(_output.Available, cancel);
            _output.Take(_output.Available.Length);
            if (TooMuch(held.Length, requestIsOver) is { } tooMuch)
                return new ExchangeFailedOutcome(tooMuch);
            holdOver ??= Task.Delay(HoldTime, time, _over.Token);
        }
        _read = held.Length;
        return Answer(new ColdAnswerBody(held.Open(), this, cancel), length: null);
    }

    private CallFailure? TooMuch(long length, bool requestIsOver)
    {
        if (length > options.MaxResponseSize)
            return new CallFailure(CallError.AnswerTooLarge);
        return requestIsOver || length <= options.MaxEarlyAnswer
            ? null
            : new CallFailure(CallError.AnsweredEarly) { Limit = $"{CallOptions.Section}:{nameof(CallOptions.MaxEarlyAnswer)}={options.MaxEarlyAnswer}" };
    }

    private Task<ContainerExit> EndAsync(CancellationToken cancel) => container.Ended.WaitAsync(cancel);

    private static ExchangeAnswer Answer(Stream body, long? length) => new() { Status = 200, Headers = [], ContentLength = length, Body = body };

    private static CallFailure? FailureOf(ContainerExit exit) => exit switch
    {
        { OutOfMemory: true } or { Code: OutOfMemoryCode } => new CallFailure(CallError.OutOfMemory),
        { Code: 0 } => null,
        { Code: < 0 } => new CallFailure(CallError.AnswerBroken),
        _ => new CallFailure(CallError.ExitCode) { Detail = exit.Code.ToString(CultureInfo.InvariantCulture) },
    };
}
