using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Runners;

/// <summary>A runner in another process, reached over HTTP/1.1 (docs/wire.md). Thread-safe.</summary>
internal sealed partial class HttpRunner : IRunner, IRunnerControl, IRunnerLogs, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly HttpRequestOptionsKey<OfferExchange> ExchangeKey = new("Fn.Exchange");

    // The runner has applied the limit that its operator chose; this one only keeps a mad peer from filling the memory.
    private const long MaxResponseHeaderSize = 11 * 1024 * 1024;

    // A runner that has restarted may have left several dead connections behind.
    private const int MaxAttempts = 4;

    private readonly Uri _address;
    private readonly string _root;
    private readonly ClusterKey _key;
    private readonly bool _knowsId;
    private volatile string _id;
    private readonly ILogger<HttpRunner> _logger;
    private readonly Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> _dial;
    private readonly HttpMessageInvoker _invoker;

    /// <param name="address">Absolute http address of the runner.</param>
    /// <param name="key">The cluster's key.</param>
    /// <param name="runnerId">The runner's id, which proofs are bound to; null: it is taken from the runner.</param>
    /// <param name="logger">The log.</param>
    public HttpRunner(Uri address, ClusterKey key, string? runnerId, ILogger<HttpRunner> logger)
        : this(address, key, runnerId, logger, RunnerConnection.DialAsync)
    {
    }

    /// <param name="address">Absolute http address of the runner.</param>
    /// <param name="key">The cluster's key.</param>
    /// <param name="runnerId">The runner's id; null: it is taken from the runner.</param>
    /// <param name="logger">The log.</param>
    /// <param name="dial">Opens a byte stream to the runner.</param>
    internal HttpRunner(Uri address, ClusterKey key, string? runnerId, ILogger<HttpRunner> logger, Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> dial)
    {
        _address = address;
        _root = address.GetLeftPart(UriPartial.Authority);
        _key = key;
        _knowsId = runnerId is not null;
        _id = runnerId ?? "";
        _logger = logger;
        _dial = dial;
        Name = runnerId ?? address.Authority;
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

    public async Task DrainAsync(CancellationToken cancel)
    {
        using var response = await AskAsync(HttpMethod.Post, RunnerWire.DrainPath, cancel);
    }

    public async Task<int> EvictIdleAsync(string? functionId, CancellationToken cancel)
    {
        var query = functionId is null ? "" : "?function=" + Uri.EscapeDataString(functionId);
        using var response = await AskAsync(HttpMethod.Post, RunnerWire.EvictPath + query, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        return (await JsonSerializer.DeserializeAsync(body, WireJson.Default.EvictedCount, cancel))?.Evicted ?? 0;
    }

    public async IAsyncEnumerable<RunnerLogLine> FollowAsync(string functionId, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await AskAsync(HttpMethod.Get, RunnerWire.LogsPath + Uri.EscapeDataString(functionId), cancel);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } line)
        {
            if (JsonSerializer.Deserialize(line, WireJson.Default.RunnerLogLine) is { } told)
                yield return told;
        }
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>Asks the runner something, or has it do something.</summary>
    /// <exception cref="HttpRequestException">It could not be reached or refused.</exception>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = Request(method, path);
            if (method != HttpMethod.Get)
                request.Content = new ByteArrayContent([]);
            var signedFor = Sign(request);
            var response = await _invoker.SendAsync(request, cancel);
            if (response.StatusCode == HttpStatusCode.Unauthorized && IsFromRunner(response, out var id) && Recognize(id, signedFor) && attempt < MaxAttempts)
            {
                response.Dispose();
                continue;
            }
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Offers a call; again, when the connection was an old one that refused a part of the offer: then nothing was placed.</summary>
    private async ValueTask<OfferOutcome> OfferKnownAsync(CallOffer offer, CancellationToken clientLeft)
    {
        for (var attempt = 1; ; attempt++)
        {
            var exchange = new OfferExchange(streams: !offer.Body.IsBuffered);
            var outcome = await SendAsync(offer, exchange, clientLeft);
            exchange.Finish();
            if (outcome is null && attempt < MaxAttempts)
                continue;
            outcome ??= new RefusedOutcome(NotPlacedReason.Unreachable);
            var onDeadConnection = outcome is RefusedOutcome { Reason: NotPlacedReason.Unreachable } && exchange.OnUsedConnection;
            if (!onDeadConnection || attempt == MaxAttempts)
                return outcome;
        }
    }

    /// <summary>Null: the runner is another one than was thought, and nothing of the call was taken.</summary>
    private async ValueTask<OfferOutcome?> SendAsync(CallOffer offer, OfferExchange exchange, CancellationToken clientLeft)
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
        if (response.StatusCode == HttpStatusCode.Unauthorized && IsFromRunner(response, out var actual))
        {
            response.Dispose();
            return Recognize(actual, signedFor) ? null : new RefusedOutcome(NotPlacedReason.Unreachable);
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

    /// <summary>Proves to the runner that the request comes from the cluster. Returns the id it is bound to.</summary>
    private string Sign(HttpRequestMessage request)
    {
        var id = _id;
        if (_key.IsSet && _key.SignRequest(id, request.Method.Method, request.RequestUri!.AbsolutePath) is { } mac)
        {
            request.Headers.TryAddWithoutValidation(RunnerWire.Mac, mac);
            request.Headers.TryAddWithoutValidation(RunnerWire.MacRunner, id);
        }
        return id;
    }

    // A function's 401 comes with the outcome of its call.
    private static bool IsFromRunner(HttpResponseMessage response, [NotNullWhen(true)] out string? id)
    {
        id = response.Headers.NonValidated.TryGetValues(RunnerWire.RunnerId, out var values) ? values.ToString() : null;
        return id is not null && !response.Headers.NonValidated.Contains(RunnerWire.Outcome);
    }

    /// <summary>The runner refused a proof. True: it was made for another runner, so the next one is worth a try.</summary>
    private bool Recognize(string id, string signedFor)
    {
        if (_key.IsSet && !_knowsId && id != signedFor)
        {
            _id = id;
            return true;
        }
        Log.KeyRefused(_logger, Name, _key.IsSet ? "it has another Fn:Cluster:Key, or is not who it was" : "it has a Fn:Cluster:Key and this gateway has none");
        return false;
    }

    /// <summary>There was no response. What is proved to have stayed here was not placed; anything else may have been seen.</summary>
    private OfferOutcome WithoutResponse(CallOffer offer, OfferExchange exchange, Exception e, bool givenUp, CancellationToken clientLeft)
    {
        if (clientLeft.IsCancellationRequested || exchange.BodyFailure is not null)
            return new FailedOutcome(new CallFailure(CallError.ClientLeft));
        // The client's own limit on opening a connection ends in the same exception, and then nothing was sent.
        if (givenUp && e is OperationCanceledException)
        {
            Log.GivenUp(_logger, Name, offer.CallId);
            return new FailedOutcome(new CallFailure(CallError.RunnerLost));
        }
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
        using var request = Request(HttpMethod.Put, RunnerWire.RevisionsPath + function.Revision);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(function, WireJson.Default.FunctionSpec));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Sign(request);
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

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(_address, path))
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

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

        [LoggerMessage(1214, LogLevel.Error, "Runner {Runner} refuses this gateway: {Reason}. Gateways and runners need the same key")]
        public static partial void KeyRefused(ILogger logger, string runner, string reason);

        [LoggerMessage(1215, LogLevel.Error, "Runner {Runner} has not answered call {CallId} for longer than all its limits together and is taken for dead")]
        public static partial void GivenUp(ILogger logger, string runner, string callId);
    }
}
