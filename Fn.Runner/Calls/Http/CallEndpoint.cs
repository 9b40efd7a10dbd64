using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Calls.Http;

/// <summary>The runner's side of the wire over Kestrel: makes an offer of a request, and a response of its outcome.</summary>
internal sealed class CallEndpoint(CallIntake intake, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var timeline = intake.Begin();
        if (Read(context.Request, out var problem) is not { } head)
            await WriteMalformedAsync(context, problem!);
        else if (intake.FunctionOf(head) is not { } function)
            WriteRefused(context.Response, NotPlacedReason.UnknownRevision);
        else
            await OfferAsync(context, head, function, timeline);
    }

    private static OfferHead? Read(HttpRequest request, out string? problem)
    {
        var fields = new OfferFields(request.Headers.Count);
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values)
                fields.Add(name, value ?? "");
        }
        return fields.ToHead(request.Path.Value![RunnerWire.CallsPath.Length..], out problem);
    }

    private async Task OfferAsync(HttpContext context, OfferHead head, FunctionSpec function, CallTimeline timeline)
    {
        if (await ReadBodyAsync(context, head) is not var (body, incoming))
        {
            // The gateway broke off in the middle of what belongs to the offer, so there never was one.
            context.Abort();
            return;
        }
        var offer = CallIntake.OfferOf(head, function, body, timeline);
        OfferOutcome outcome;
        try
        {
            outcome = await intake.OfferAsync(offer, context.RequestAborted);
        }
#pragma warning disable CA1031 // A bug in the engine must cost this call only.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome = intake.Threw(offer, e);
        }
        if (incoming is not null)
            await incoming.EndAsync();
        await WriteAsync(context, offer, outcome);
    }

    /// <summary>A body of known length came with the offer and is read at once; any other is left with the gateway until the runner asks for it.</summary>
    private static async ValueTask<(CallBody Body, IncomingBody? Incoming)?> ReadBodyAsync(HttpContext context, OfferHead head)
    {
        var length = context.Request.ContentLength;
        if (length is null or > CallBody.MaxBuffered)
        {
            var incoming = new IncomingBody(context.Request, length ?? head.StreamedLength);
            return (CallBody.FromStream(incoming, length ?? head.StreamedLength), incoming);
        }
        if (length == 0)
            return (CallBody.Empty, null);
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        try
        {
            await context.Request.Body.ReadExactlyAsync(bytes, context.RequestAborted);
            return (CallBody.FromBuffer(bytes), null);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private async ValueTask WriteAsync(HttpContext context, CallOffer offer, OfferOutcome outcome)
    {
        var response = context.Response;
        if (intake.Draining)
            response.Headers.Connection = "close";
        switch (outcome)
        {
            case RefusedOutcome refused:
                WriteRefused(response, refused.Reason);
                break;
            case AcceptedOutcome:
                response.StatusCode = StatusCodes.Status202Accepted;
                response.Headers[RunnerWire.Outcome] = RunnerWire.OutcomeAccepted;
                response.Headers[RunnerWire.Timeline] = offer.Timeline.ToWire();
                response.ContentLength = 0;
                break;
            case FailedOutcome { Failure.Error: CallError.ClientLeft }:
                context.Abort();
                break;
            case FailedOutcome failed:
                WriteFailed(response, offer.Timeline, failed.Failure);
                break;
            case AnsweredOutcome answered:
                await using (answered.Answer)
                    await WriteAnswerAsync(context, offer, answered.Answer);
                break;
        }
    }

    private async ValueTask WriteAnswerAsync(HttpContext context, CallOffer offer, RunnerAnswer answer)
    {
        if (answer.Status is < StatusCodes.Status200OK or > 999)
        {
            WriteFailed(context.Response, offer.Timeline, new CallFailure(CallError.InvalidStatus));
            return;
        }
        var head = new RunnerAnswerHead(answer, offer.Timeline);
        var copied = await AnswerCopier.CopyAsync(answer, context.Response, head, context.RequestAborted);
        if (copied is { End: AnswerCopyEnd.Broken, Failure: { } failure } && !context.Response.HasStarted)
            WriteFailed(context.Response, offer.Timeline, failure);
        else if (copied.End == AnswerCopyEnd.Broken)
            await BrokenAnswer.BreakOffAsync(context, time);
        else if (copied.End == AnswerCopyEnd.ReaderLeft)
            context.Abort();
    }

    private static void WriteRefused(HttpResponse response, NotPlacedReason reason)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers[RunnerWire.NotPlaced] = RunnerWire.ToWire(reason) ?? RunnerWire.ToWire(NotPlacedReason.Full);
        response.ContentLength = 0;
    }

    private static void WriteFailed(HttpResponse response, CallTimeline timeline, CallFailure failure)
    {
        // Never below 300: a gateway that still holds the body back then knows that it is not wanted.
        response.StatusCode = StatusCodes.Status500InternalServerError;
        response.Headers[RunnerWire.Outcome] = RunnerWire.OutcomeFailed;
        response.Headers[RunnerWire.Timeline] = timeline.ToWire();
        foreach (var (name, value) in RunnerWire.LinesOf(failure))
            response.Headers[name] = value;
        response.ContentLength = 0;
    }

    private static Task WriteMalformedAsync(HttpContext context, string problem)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(problem + "\n", context.RequestAborted);
    }
}
