using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>Offers whose body is here, which are nearly all: by an exchange of the platform's own (docs/adr/0017).</summary>
internal sealed partial class HttpRunner
{
    private readonly RunnerChannels _channels = new();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Attempt> OfferWholeAsync(CallOffer offer, CancellationToken clientLeft)
    {
        if (!_channels.TryTake(out var channel))
        {
            try
            {
                channel = await OpenAsync(clientLeft);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                if (clientLeft.IsCancellationRequested)
                    return Attempt.Failed(CallError.ClientLeft);
                Log.Unreachable(_logger, Name, offer.CallId, e);
                return Attempt.Unreachable(again: false);
            }
        }
        channel.Begin(_id, offer.GiveUpAfter);
        ExchangeOutcome sent;
        try
        {
            sent = await channel.SendAsync(new ExchangeRequest { Call = offer, Deadline = default }, clientLeft);
        }
        catch (Exception e)
        {
            channel.End();
            if (e is OperationCanceledException && clientLeft.IsCancellationRequested)
                return Attempt.Failed(CallError.ClientLeft);
            // A bug.
            throw;
        }
        return OutcomeOf(sent, offer, channel);
    }

    private Attempt OutcomeOf(ExchangeOutcome sent, CallOffer offer, RunnerChannel channel)
    {
        if (sent is ExchangeAnswer answer)
            return OutcomeOf(answer, offer, channel);
        channel.End();
        if (sent is NotSentOutcome)
        {
            Log.Unreachable(_logger, Name, offer.CallId, null);
            return Attempt.Unreachable(again: channel.Offers > 1);
        }
        if (channel.GivenUp)
            Log.GivenUp(_logger, Name, offer.CallId);
        else
            Log.Lost(_logger, Name, offer.CallId, null);
        return Attempt.Failed(CallError.RunnerLost);
    }

    private Attempt OutcomeOf(ExchangeAnswer answer, CallOffer offer, RunnerChannel channel)
    {
        channel.Answered();
        var told = new OfferResponse(answer.Status, answer.Headers);
        OfferOutcome? outcome = null;
        if (told.IsAnswer(offer.Timeline))
        {
            if (channel.IsFramed)
                return new Attempt(Told(new AnsweredOutcome(AnswerOf(answer, told, channel)), offer, answer.Status));
        }
        else
            outcome = told.ReadOutcome();
        // The rest of it is of no interest; nearly always there is none, and the connection goes on.
        answer.Body.Dispose();
        channel.GiveBack();
        return told.RefusingRunner is { } actual
            ? Attempt.Unreachable(again: Recognize(actual, channel.RunnerId))
            : new Attempt(Told(outcome, offer, answer.Status));
    }

    private static HttpAnswer AnswerOf(ExchangeAnswer answer, OfferResponse told, RunnerChannel channel) => new(channel.GiveBack)
    {
        Status = answer.Status,
        Headers = told.FunctionsLines(),
        ContentLength = answer.ContentLength,
        Body = new HttpAnswer.BodyStream(answer.Body),
    };

    private async ValueTask<RunnerChannel> OpenAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ConnectTimeout);
        var connection = await _dial(new DnsEndPoint(_address.IdnHost, _address.Port), limit.Token);
        // It outlives the call for which it is opened.
        using var flow = SuppressedFlow.Begin();
        return new RunnerChannel(connection, _address.Authority, _key, MaxResponseHeaderSize, _channels.Return);
    }
}
