using System.Net;
using System.Net.Http.Headers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>Offers whose body is still with the client: by the framework's HTTP client, which sends a body while it reads the answer.</summary>
internal sealed partial class HttpRunner
{
    private static readonly HttpRequestOptionsKey<OfferExchange> ExchangeKey = new("Fn.Exchange");

    private async ValueTask<Attempt> OfferStreamedAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var exchange = new OfferExchange();
        var attempt = await SendAsync(offer, exchange, clientLeft);
        exchange.Finish();
        return attempt;
    }

    private async ValueTask<Attempt> SendAsync(CallOffer offer, OfferExchange exchange, CancellationToken clientLeft)
    {
        using var request = OfferRequest.Create(_root, offer, exchange);
        var signedFor = Sign(request);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        if (offer.GiveUpAfter is { } giveUp)
            enough.CancelAfter(giveUp);
        request.Options.Set(ExchangeKey, exchange);
        OfferExchange.Current = exchange;
        HttpResponseMessage response;
        try
        {
            response = await _invoker.SendAsync(request, enough.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return WithoutResponse(offer, exchange, e, enough.IsCancellationRequested, clientLeft);
        }
        return OutcomeOf(response, offer, exchange, signedFor);
    }

    private Attempt OutcomeOf(HttpResponseMessage response, CallOffer offer, OfferExchange exchange, string signedFor)
    {
        var told = new OfferResponse((int)response.StatusCode, LinesOf(response));
        if (told.RefusingRunner is { } actual)
        {
            response.Dispose();
            return Attempt.Unreachable(again: Recognize(actual, signedFor));
        }
        OfferOutcome? outcome = null;
        if (!told.IsAnswer(offer.Timeline))
            outcome = told.ReadOutcome();
        else if (IsFramed(response))
            outcome = new AnsweredOutcome(new HttpAnswer(response.Dispose)
            {
                Status = (int)response.StatusCode,
                Headers = told.FunctionsLines(),
                ContentLength = response.Content.Headers.ContentLength,
                Body = new HttpAnswer.BodyStream(response.Content.ReadAsStream()),
            });
        if (outcome is not AnsweredOutcome)
            response.Dispose();
        if (outcome is RefusedOutcome && exchange.BodyOpened)
            outcome = null;
        return new Attempt(Told(outcome, offer, (int)response.StatusCode));
    }

    /// <summary>There was no response. What is proved to have stayed here was not placed; anything else may have been seen.</summary>
    private Attempt WithoutResponse(CallOffer offer, OfferExchange exchange, Exception e, bool givenUp, CancellationToken clientLeft)
    {
        if (clientLeft.IsCancellationRequested || exchange.BodyFailure is not null)
            return Attempt.Failed(CallError.ClientLeft);
        // The client's own limit on opening a connection ends in the same exception, and then nothing was sent.
        if (givenUp && e is OperationCanceledException)
        {
            Log.GivenUp(_logger, Name, offer.CallId);
            return Attempt.Failed(CallError.RunnerLost);
        }
        if (exchange.Begun && !exchange.CutShort)
        {
            Log.Lost(_logger, Name, offer.CallId, e);
            return Attempt.Failed(CallError.RunnerLost);
        }
        Log.Unreachable(_logger, Name, offer.CallId, e);
        return Attempt.Unreachable(again: exchange.OnUsedConnection);
    }

    /// <summary>The header lines, less the body's length.</summary>
    private static List<Header> LinesOf(HttpResponseMessage response)
    {
        var lines = new List<Header>(16);
        foreach (var (name, values) in response.Headers.NonValidated)
            AddLines(lines, name, values);
        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                AddLines(lines, name, values);
        }
        return lines;
    }

    private static void AddLines(List<Header> lines, string name, HeaderStringValues values)
    {
        foreach (var value in values)
            lines.Add(new Header(name, value));
    }

    // A body that only the end of the connection delimits could be cut anywhere and look whole.
    private static bool IsFramed(HttpResponseMessage response) =>
        response.Headers.TransferEncodingChunked == true
        || response.Content.Headers.ContentLength is not null
        || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        if (context.InitialRequestMessage.Options.TryGetValue(ExchangeKey, out var exchange) && !exchange.TryDial())
            throw new IOException("A call is never sent twice.");
        return new RunnerConnection(await _dial(context.DnsEndPoint, cancel));
    }
}
