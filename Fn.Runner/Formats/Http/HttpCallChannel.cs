using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>
/// Calls to one container over HTTP/1.1, one after another. What a hot container needs to be kept or given up rightly is decided here: whether it has seen a
/// call, and what it says out of turn. Subclasses say how a link is got and what a request looks like. A gateway calls a runner by it too (docs/adr/0017).
/// </summary>
internal abstract class HttpCallChannel(AnswerLimits limits) : ICallChannel
{
    private readonly MessageBuffer _request = new();
    private Action? _ended;

    public abstract Task Broken { get; }

    public abstract bool Reusable { get; }

    /// <summary>True until an exchange began that has not come, or will not come, to its end.</summary>
    protected bool IsWhole { get; private set; } = true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> SendAsync(ExchangeRequest request, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var exchange = new Exchange();
            if (await BeginAsync(exchange, cancel) is not { } link)
                return NotSentOutcome.Instance;
            IsWhole = false;
            var cancelled = cancel.UnsafeRegister(static link => ((FunctionLink)link!).Dispose(), link);
            HeadOutcome head;
            try
            {
                if (await WriteAsync(link, exchange, request, cancel) is { } failure)
                    head = new HeadOutcome(null, failure);
                else
                {
                    await link.HeardAsync();
                    head = await link.ReadHeadAsync(limits.MaxHeadSize);
                }
            }
            catch (Exception e)
            {
                cancelled.Unregister();
                var outcome = await FailedAsync(e, link, exchange, cancel);
                if (outcome is NotSentOutcome && MaySendAgain(exchange))
                    continue;
                return outcome;
            }
            if ((exchange.Failure ?? head.Failure ?? WrongWith(head.Head!)) is not { } wrong)
                return await AnsweredAsync(head.Head!, link, cancelled, cancel);
            cancelled.Unregister();
            link.Dispose();
            cancel.ThrowIfCancellationRequested();
            return exchange.Lost ? NotSentOutcome.Instance : new ExchangeFailedOutcome(wrong);
        }
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Whether a call that was lost unseen may be tried on another connection to the same container.</summary>
    protected virtual bool MaySendAgain(Exchange exchange) => false;

    /// <summary>Gets a link on which the exchange has begun; null when the channel is dead.</summary>
    protected abstract ValueTask<FunctionLink?> BeginAsync(Exchange exchange, CancellationToken cancel);

    /// <summary>Writes the request's head. Returns the length of the body that is to follow it; null: it follows in chunks.</summary>
    protected abstract long? WriteHead(MessageBuffer to, ExchangeRequest request);

    /// <summary>What a status means that the format does not pass on; null when it passes it on.</summary>
    protected abstract CallFailure? Judge(int status);

    /// <summary>An answer's head was read.</summary>
    protected virtual void Noted(AnswerHead head)
    {
    }

    private async ValueTask<CallFailure?> WriteAsync(FunctionLink link, Exchange exchange, ExchangeRequest request, CancellationToken cancel)
    {
        try
        {
            var length = WriteHead(_request, request);
            _request.AppendEnd(length);
            return await new RequestBody(link, _request, exchange, chunked: length is null).WriteAsync(request.Call.Body, cancel);
        }
        finally
        {
            _request.Return();
        }
    }

    private CallFailure? WrongWith(AnswerHead head)
    {
        if (head.Status < StatusCodes.Status200OK)
            return HeadOutcome.Invalid($"status {head.Status}").Failure;
        return head.Frame.Length > limits.MaxSize ? new CallFailure(CallError.AnswerTooLarge) : null;
    }

    private ValueTask<ExchangeOutcome> AnsweredAsync(AnswerHead head, FunctionLink link, CancellationTokenRegistration cancelled, CancellationToken cancel)
    {
        Noted(head);
        var body = new AnswerBody(link, head, limits, _ended ??= () => IsWhole = true, cancelled, cancel);
        if (Judge(head.Status) is { } judged)
            return RefuseAsync(judged, body);
        return ValueTask.FromResult<ExchangeOutcome>(new ExchangeAnswer { Status = head.Status, Headers = head.Headers, ContentLength = head.Frame.Length, Body = body });
    }

    private async ValueTask<ExchangeOutcome> RefuseAsync(CallFailure judged, AnswerBody body)
    {
        if (judged.Error != CallError.InvalidStatus)
            await DropAsync(body);
        await body.DisposeAsync();
        IsWhole &= judged.Error != CallError.InvalidStatus;
        return new ExchangeFailedOutcome(judged);
    }

    /// <summary>Reads what a function says beside a status that is not passed on, so that its container can be kept.</summary>
    private static async ValueTask DropAsync(AnswerBody body)
    {
        const int MaxDropped = 64 * 1024;
        var buffer = new byte[4096];
        try
        {
            var left = MaxDropped;
            while (left > 0 && await body.ReadAsync(buffer) is > 0 and var count)
                left -= count;
        }
        catch (CallBrokenException)
        {
            // The channel is no longer reusable; the outcome stays the same.
        }
    }

    private async ValueTask<ExchangeOutcome> FailedAsync(Exception e, FunctionLink link, Exchange exchange, CancellationToken cancel)
    {
        if (!exchange.Seen)
        {
            if (exchange.Lost)
                link.Dispose();
            else
                link.EndUnsent();
            IsWhole = true;
            cancel.ThrowIfCancellationRequested();
            if (!exchange.Lost)
                ExceptionDispatchInfo.Throw(e);
            return NotSentOutcome.Instance;
        }
        var failure = exchange.Failure;
        if (failure is null && exchange.WriteFailed && !cancel.IsCancellationRequested)
            failure = new CallFailure(await link.WhyWriteFailedAsync());
        link.Dispose();
        cancel.ThrowIfCancellationRequested();
        return new ExchangeFailedOutcome(failure ?? new CallFailure(CallError.AnswerBroken));
    }
}
