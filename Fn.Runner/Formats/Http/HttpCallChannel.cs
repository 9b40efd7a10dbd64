using System.Runtime.ExceptionServices;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Formats.Http;

/// <summary>
/// Calls to one container over HTTP/1.1. The framing is the framework client's; what is added here is what a hot container needs to be kept or given up
/// rightly: whether it has seen a call, and what it says out of turn. Subclasses say how a connection is got and what a request looks like.
/// </summary>
internal abstract class HttpCallChannel : ICallChannel
{
    private readonly HttpMessageInvoker _invoker;
    private readonly AnswerLimits _limits;

    // For the connect callback, which the client calls without saying for whom. Whoever sends disposes it.
#pragma warning disable CA2213
    private Exchange? _exchange;
#pragma warning restore CA2213

    protected HttpCallChannel(CallOptions options, AnswerLimits limits)
    {
        _limits = limits;
        _invoker = InvokerFactory.Create(new InvokerOptions
        {
            ConnectCallback = (_, cancel) => ConnectAsync(_exchange, cancel),
            MaxConnections = 1,
            MaxResponseHeaderSize = options.MaxResponseHeaderSize,
        });
    }

    public abstract Task Broken { get; }

    public abstract bool Reusable { get; }

    /// <summary>The link that the current or the last exchange uses.</summary>
    protected abstract FunctionLink? Current { get; }

    /// <summary>True until an exchange began that has not come, or will not come, to its end.</summary>
    protected bool IsWhole { get; private set; } = true;

    public async ValueTask<ExchangeOutcome> SendAsync(ExchangeRequest request, CancellationToken cancel)
    {
        var (outcome, again) = await SendOnceAsync(request, cancel);
        return again ? (await SendOnceAsync(request, cancel)).Outcome : outcome;
    }

    public virtual ValueTask DisposeAsync()
    {
        Current?.Dispose();
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether a call that was lost unseen may be tried on another connection to the same container.</summary>
    protected virtual bool MaySendAgain(Exchange exchange) => false;

    /// <summary>Prepares an exchange; false when the channel is dead.</summary>
    protected abstract bool TryBegin(Exchange exchange);

    /// <summary>Gives the client a connection for the exchange that is being sent, or throws an <see cref="IOException"/>.</summary>
    protected abstract ValueTask<Stream> ConnectAsync(Exchange? exchange, CancellationToken cancel);

    protected abstract HttpRequestMessage CreateRequest(ExchangeRequest request, HttpContent content);

    /// <summary>What a status means that the format does not pass on; null when it passes it on.</summary>
    protected abstract CallFailure? Judge(HttpResponseMessage response);

    private async ValueTask<(ExchangeOutcome Outcome, bool Again)> SendOnceAsync(ExchangeRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var exchange = new Exchange(cancel);
        if (!TryBegin(exchange))
            return (NotSentOutcome.Instance, false);
        (_exchange, IsWhole) = (exchange, false);
        var content = new CallContent(request.Call.Body, exchange);
        using var message = CreateRequest(request, content);
        HttpResponseMessage response;
        try
        {
            response = await _invoker.SendAsync(message, exchange.Aborted);
        }
        catch (Exception e)
        {
            var outcome = await FailedAsync(e, exchange, content, cancel);
            return (outcome, outcome is NotSentOutcome && MaySendAgain(exchange));
        }
        finally
        {
            _exchange = null;
        }
        return (await AnsweredAsync(response, exchange, cancel), false);
    }

    private async ValueTask<ExchangeOutcome> AnsweredAsync(HttpResponseMessage response, Exchange exchange, CancellationToken cancel)
    {
        var link = Current!;
        link.EndSending();
        var frame = AnswerReader.FrameOf(response);
        var failure = exchange.Failure;
        if (failure is null && (int)response.StatusCode < 200)
            failure = AnswerReader.InvalidResponse($"status {(int)response.StatusCode}");
        if (failure is null && frame is null)
            failure = AnswerReader.InvalidResponse("bad Content-Length");
        if (failure is null && frame?.Length > _limits.MaxSize)
            failure = new CallFailure(CallError.AnswerTooLarge);
        if (failure is not null)
        {
            link.Dispose();
            response.Dispose();
            return new ExchangeFailedOutcome(failure);
        }
        var inner = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        var body = new AnswerBody(link, response, inner, frame!.Value, _limits, () => IsWhole = true, cancel);
        if (Judge(response) is { } judged)
        {
            if (judged.Error == CallError.InvalidStatus)
                await body.DisposeAsync();
            else
                await DropAsync(body);
            IsWhole &= judged.Error != CallError.InvalidStatus;
            return new ExchangeFailedOutcome(judged);
        }
        return new ExchangeAnswer
        {
            Status = (int)response.StatusCode,
            Headers = AnswerReader.HeadersOf(response),
            ContentLength = frame.Value.Length,
            Body = body,
        };
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
        finally
        {
            await body.DisposeAsync();
        }
    }

    private async ValueTask<ExchangeOutcome> FailedAsync(Exception e, Exchange exchange, CallContent content, CancellationToken cancel)
    {
        var link = Current;
        if (!exchange.Seen)
        {
            if (exchange.Lost)
                link?.Dispose();
            else
                link?.EndUnsent();
            IsWhole = true;
            cancel.ThrowIfCancellationRequested();
            if (content.SourceFailure is { } source)
                return new ExchangeFailedOutcome(source);
            if (!exchange.Lost)
                ExceptionDispatchInfo.Throw(e);
            return NotSentOutcome.Instance;
        }
        var failure = exchange.Failure ?? content.SourceFailure;
        if (failure is null && exchange.WriteFailed && !cancel.IsCancellationRequested)
            failure = new CallFailure(await link!.WhyWriteFailedAsync());
        link?.Dispose();
        cancel.ThrowIfCancellationRequested();
        return new ExchangeFailedOutcome(failure ?? AnswerReader.FailureOf(e));
    }
}
