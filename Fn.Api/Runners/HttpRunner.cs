using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Runners;

/// <summary>A runner in another process, reached over HTTP/1.1 (docs/wire.md). Thread-safe.</summary>
internal sealed partial class HttpRunner : IRunner, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly HttpRequestOptionsKey<OfferExchange> ExchangeKey = new("Fn.Exchange");

    // The runner has applied the limit that its operator chose; this one only keeps a mad peer from filling the memory.
    private const long MaxResponseHeaderSize = 11 * 1024 * 1024;

    // A runner that has restarted may have left several dead connections behind.
    private const int MaxAttempts = 4;

    private readonly Uri _address;
    private readonly ILogger<HttpRunner> _logger;
    private readonly Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> _dial;
    private readonly HttpMessageInvoker _invoker;

    /// <param name="address">Absolute http address of the runner.</param>
    /// <param name="logger">The log.</param>
    public HttpRunner(Uri address, ILogger<HttpRunner> logger)
        : this(address, logger, RunnerConnection.DialAsync)
    {
    }

    /// <param name="address">Absolute http address of the runner.</param>
    /// <param name="logger">The log.</param>
    /// <param name="dial">Opens a byte stream to the runner.</param>
    internal HttpRunner(Uri address, ILogger<HttpRunner> logger, Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> dial)
    {
        _address = address;
        _logger = logger;
        _dial = dial;
        Name = address.Authority;
        _invoker = InvokerFactory.Create(new InvokerOptions
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            MaxResponseHeaderSize = MaxResponseHeaderSize,
        });
    }

    public string Name { get; private set; }

    public async ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var outcome = await OfferKnownAsync(offer, clientLeft);
        if (outcome is not RefusedOutcome { Reason: NotPlacedReason.UnknownRevision })
            return outcome;
        if (await TeachAsync(offer.Function, clientLeft) is { } failed)
            return failed;
        outcome = await OfferKnownAsync(offer, clientLeft);
        // It has forgotten the revision again: so many functions are called there that this one finds no place.
        return outcome is RefusedOutcome { Reason: NotPlacedReason.UnknownRevision } ? new RefusedOutcome(NotPlacedReason.Full) : outcome;
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>Offers a call; again, when the connection was an old one that refused a part of the offer: then nothing was placed.</summary>
    private async ValueTask<OfferOutcome> OfferKnownAsync(CallOffer offer, CancellationToken clientLeft)
    {
        for (var attempt = 1; ; attempt++)
        {
            var exchange = new OfferExchange(streams: !offer.Body.IsBuffered);
            var outcome = await SendAsync(offer, exchange, clientLeft);
            exchange.Finish();
            var onDeadConnection = outcome is RefusedOutcome { Reason: NotPlacedReason.Unreachable } && exchange.OnUsedConnection;
            if (!onDeadConnection || attempt == MaxAttempts)
                return outcome;
        }
    }

    private async ValueTask<OfferOutcome> SendAsync(CallOffer offer, OfferExchange exchange, CancellationToken clientLeft)
    {
        using var request = OfferRequest.Create(_address, offer, exchange);
        request.Options.Set(ExchangeKey, exchange);
        OfferExchange.Current = exchange;
        HttpResponseMessage response;
        try
        {
            response = await _invoker.SendAsync(request, clientLeft);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return WithoutResponse(offer, exchange, e, clientLeft);
        }
        var status = (int)response.StatusCode;
        var outcome = OfferResponse.Read(response, offer.Timeline);
        if (outcome is null || (outcome is RefusedOutcome && exchange.BodyOpened))
        {
            if (outcome is AnsweredOutcome answered)
                await answered.Answer.DisposeAsync();
            Log.NoOutcome(_logger, Name, offer.CallId, status);
            return new FailedOutcome(new CallFailure(CallError.RunnerLost) { Detail = $"status {status}" });
        }
        if (offer.Timeline.RunnerId is { } id && outcome is not RefusedOutcome)
            Name = id;
        return outcome;
    }

    /// <summary>There was no response. What is proved to have stayed here was not placed; anything else may have been seen.</summary>
    private OfferOutcome WithoutResponse(CallOffer offer, OfferExchange exchange, Exception e, CancellationToken clientLeft)
    {
        if (clientLeft.IsCancellationRequested || exchange.BodyFailure is not null)
            return new FailedOutcome(new CallFailure(CallError.ClientLeft));
        if (exchange.Begun && !exchange.CutShort)
        {
            Log.Lost(_logger, Name, offer.CallId, e);
            return new FailedOutcome(new CallFailure(CallError.RunnerLost));
        }
        Log.Unreachable(_logger, Name, offer.CallId, e);
        return new RefusedOutcome(NotPlacedReason.Unreachable);
    }

    /// <summary>Gives the runner a function's spec. Null: it has it; else why the call could not be offered.</summary>
    private async ValueTask<OfferOutcome?> TeachAsync(FunctionSpec function, CancellationToken clientLeft)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_address, RunnerWire.RevisionsPath + function.Revision))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(function, WireJson.Default.FunctionSpec)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _invoker.SendAsync(request, clientLeft);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return null;
            Log.NotTaught(_logger, Name, function.FunctionId, (int)response.StatusCode, null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            if (clientLeft.IsCancellationRequested)
                return new FailedOutcome(new CallFailure(CallError.ClientLeft));
            Log.NotTaught(_logger, Name, function.FunctionId, 0, e);
        }
        // Nothing of the call was offered, so it may go elsewhere.
        return new RefusedOutcome(NotPlacedReason.Unreachable);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        if (context.InitialRequestMessage.Options.TryGetValue(ExchangeKey, out var exchange) && !exchange.TryDial())
            throw new IOException("A call is never sent twice.");
        return new RunnerConnection(await _dial(context.DnsEndPoint, cancel));
    }

    private static partial class Log
    {
        [LoggerMessage(1210, LogLevel.Warning, "Runner {Runner} could not be reached for call {CallId}; nothing of it was placed")]
        public static partial void Unreachable(ILogger logger, string runner, string callId, Exception exception);

        [LoggerMessage(1211, LogLevel.Error, "The connection to runner {Runner} broke under call {CallId}")]
        public static partial void Lost(ILogger logger, string runner, string callId, Exception exception);

        [LoggerMessage(1212, LogLevel.Error, "Runner {Runner} answered call {CallId} with status {Status} and no valid outcome")]
        public static partial void NoOutcome(ILogger logger, string runner, string callId, int status);

        [LoggerMessage(1213, LogLevel.Warning, "Runner {Runner} did not take the spec of function {FunctionId} (status {Status})")]
        public static partial void NotTaught(ILogger logger, string runner, string functionId, int status, Exception? exception);
    }
}
