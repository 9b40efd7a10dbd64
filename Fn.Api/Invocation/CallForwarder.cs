using Fn.Api.History;
using Fn.Api.Http;
using Fn.Api.Placement;
using Fn.Api.Telemetry;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace Fn.Api.Invocation;

/// <summary>Makes a call of a request, has it placed, and passes the answer to the client. The one way to a function, whatever the endpoint.</summary>
/// <param name="placer">Finds a runner.</param>
/// <param name="history">Is told of every call that is over.</param>
/// <param name="telemetry">Traces and measures it.</param>
/// <param name="time">The clock.</param>
/// <param name="options">Of the gateway.</param>
/// <param name="logger">The log.</param>
internal sealed partial class CallForwarder(
    Placer placer, CallHistory history, GatewayTelemetry telemetry, TimeProvider time, IOptions<ApiOptions> options, ILogger<CallForwarder> logger)
{
    private readonly long? _maxRequestSize = options.Value.MaxRequestSize;

    // All of it in one method: a call waits in here for its answer, and each method more that waits is one more object a call.
    public async Task ForwardAsync(HttpContext context, FunctionSpec function, ICallTranslation translation)
    {
        var callId = FnId.New(time);
        context.Response.Headers[FnHeaders.CallId] = callId;
        var timeline = new CallTimeline(time);
        var trace = CallTrace.Begin(telemetry, context, timeline);
        try
        {
            if (await ClientBody.TakeAsync(context, _maxRequestSize) is not { } client)
            {
                timeline.Error = CallError.ClientLeft;
                Log.ClientLeft(logger, callId, function.FunctionId);
                context.Abort();
                return;
            }
            // Requests that are waiting to be read are read first, and their calls sent one after the other (docs/adr/0014).
            if (ThreadPool.PendingWorkItemCount > 0)
                await Task.Yield();
            var offer = Offer(context.Request, function, translation, callId, client.Body, timeline);
            var placement = await placer.PlaceAsync(offer, context.RequestAborted);
            // What it is if the answering throws.
            CallError? error = CallError.Internal;
            try
            {
                if (client.Incoming is { } incoming)
                    await incoming.EndAsync();
                error = await AnswerAsync(context, offer, placement.Outcome, WrongWith(client.Incoming), translation);
            }
            finally
            {
                placement.Release();
                timeline.Mark(CallPhase.Ended);
                Record(context, offer, error);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            timeline.Error = CallError.ClientLeft;
            Log.ClientLeft(logger, callId, function.FunctionId);
        }
#pragma warning disable CA1031 // A bug costs this call only, and its client gets the contract's answer instead of an exception page.
        catch (Exception e)
#pragma warning restore CA1031
        {
            timeline.Error = CallError.Internal;
            Log.Bug(logger, callId, function.FunctionId, e);
            await AnswerBugAsync(context, callId);
        }
        finally
        {
            trace.End(context, function, callId, timeline);
        }
    }

    private static CallOffer Offer(HttpRequest request, FunctionSpec function, ICallTranslation translation, string callId, CallBody body, CallTimeline timeline)
    {
        var headers = new List<Header>(request.Headers.Count);
        translation.AddHeaders(request, headers);
        return new CallOffer
        {
            CallId = callId,
            Function = function,
            Method = request.Method,
            RequestUrl = request.UrlAsSent(),
            Headers = headers,
            Body = body,
            Timeline = timeline,
            Detached = translation.MayDetach && request.Headers[FnHeaders.InvokeType] == "detached",
        };
    }

    private void Record(HttpContext context, CallOffer offer, CallError? error)
    {
        if (error == CallError.Internal && context.RequestAborted.IsCancellationRequested)
            error = CallError.ClientLeft;
        offer.Timeline.Error = error;
        var status = error switch
        {
            CallError.ClientLeft => StatusCodes.Status499ClientClosedRequest,
            CallError.Internal when !context.Response.HasStarted => StatusCodes.Status500InternalServerError,
            _ => context.Response.StatusCode,
        };
        history.Record(new EndedCall(offer.CallId, offer.Function.FunctionId, offer.Timeline, status, error, offer.Detached));
    }

    /// <summary>Answers the client. Returns why the call failed; null: it did not.</summary>
    private async ValueTask<CallError?> AnswerAsync(HttpContext context, CallOffer offer, OfferOutcome outcome, CallError? wrongWithBody, ICallTranslation translation)
    {
        switch (outcome)
        {
            case AnsweredOutcome answered:
                await using (answered.Answer)
                    return await PassAsync(context, offer, answered.Answer, translation);
            case AcceptedOutcome:
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.ContentLength = 0;
                return null;
            case FailedOutcome failed:
                // To a runner, whatever is wrong with a body is that it breaks off.
                return await AnswerFailureAsync(context, offer, wrongWithBody is { } wrong ? new CallFailure(wrong) : failed.Failure);
            default:
                throw new InvalidOperationException($"A placed call cannot end as {outcome.GetType().Name}.");
        }
    }

    private async ValueTask<CallError?> PassAsync(HttpContext context, CallOffer offer, RunnerAnswer answer, ICallTranslation translation)
    {
        if (translation.StatusOf(answer) is < StatusCodes.Status200OK or > 999)
            return await AnswerFailureAsync(context, offer, new CallFailure(CallError.InvalidStatus));
        var head = new CallAnswerHead(answer, offer.Timeline, translation);
        var copied = await AnswerCopier.CopyAsync(answer, context.Response, head, context.RequestAborted);
        if (copied is { End: AnswerCopyEnd.Broken, Failure: { } failure })
            return await AnswerFailureAsync(context, offer, failure);
        if (copied.End != AnswerCopyEnd.ReaderLeft)
            return null;
        Log.ClientLeft(logger, offer.CallId, offer.Function.FunctionId);
        return CallError.ClientLeft;
    }

    /// <summary>Tells the client of a failure. Returns what it is.</summary>
    private async ValueTask<CallError> AnswerFailureAsync(HttpContext context, CallOffer offer, CallFailure failure)
    {
        var reply = CallErrors.Describe(failure, offer.Function);
        var level = LevelOf(reply.Blame);
        Log.Failed(logger, level, offer.CallId, offer.Function.FunctionId, failure.Error);
        if (context.Response.HasStarted || failure.Error == CallError.ClientLeft)
        {
            // A part of an answer must not pass for the whole.
            await BrokenAnswer.BreakOffAsync(context, time);
            return failure.Error;
        }
        var headers = context.Response.Headers;
        // What no runner can ever take has not become a call.
        if (failure.Error == CallError.MemoryAboveBudget)
            headers.Remove(FnHeaders.CallId);
        CallAnswerHead.WriteTimes(headers, offer.Timeline);
        if (failure.Limit is { } limit)
            headers[FnHeaders.Limit] = limit;
        if (CallErrors.RetryAfter(failure, reply.Status) is { } seconds)
            headers.RetryAfter = seconds;
        await new ApiError(reply.Status, reply.Message).WriteAsync(context.Response);
        return failure.Error;
    }

    private async ValueTask AnswerBugAsync(HttpContext context, string callId)
    {
        if (context.Response.HasStarted)
        {
            await BrokenAnswer.BreakOffAsync(context, time);
            return;
        }
        context.Response.Clear();
        context.Response.Headers[FnHeaders.CallId] = callId;
        await ApiError.Internal.WriteAsync(context.Response);
    }

    private static CallError? WrongWith(IncomingBody? body) => body switch
    {
        { OverLimit: true } => CallError.RequestTooLarge,
        { IsMalformed: true } => CallError.RequestMalformed,
        _ => null,
    };

    private static LogLevel LevelOf(Blame blame) => blame switch
    {
        Blame.Client => LogLevel.Debug,
        Blame.Function => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    private static partial class Log
    {
        [LoggerMessage(1100, LogLevel.Debug, "Call {CallId} of function {FunctionId}: the client left")]
        public static partial void ClientLeft(ILogger logger, string callId, string functionId);

        [LoggerMessage(EventId = 1101, Message = "Call {CallId} of function {FunctionId} failed: {Error}")]
        public static partial void Failed(ILogger logger, LogLevel level, string callId, string functionId, CallError error);

        [LoggerMessage(1102, LogLevel.Error, "Call {CallId} of function {FunctionId} failed by a bug")]
        public static partial void Bug(ILogger logger, string callId, string functionId, Exception exception);
    }
}
