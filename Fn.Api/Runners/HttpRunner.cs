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

    // A call waits in here for its answer, and each method that waits is one more object a call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft)
    {
        var taught = false;
        for (var attempt = 1; ; attempt++)
        {
            var (outcome, again) = await (offer.Body.IsBuffered ? OfferWholeAsync(offer, clientLeft) : OfferStreamedAsync(offer, clientLeft));
            if (outcome is RefusedOutcome { Reason: NotPlacedReason.UnknownRevision })
            {
                // It has forgotten the revision again: so many functions are called there that this one finds no place.
                if (taught)
                    return new RefusedOutcome(NotPlacedReason.Full);
                if (await TeachAsync(offer.Function, clientLeft) is { } failed)
                    return failed;
                taught = true;
            }
            else if (!again || attempt >= MaxAttempts)
                return outcome;
        }
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

    public void Dispose()
    {
        _channels.Dispose();
        _invoker.Dispose();
    }

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
            if (new OfferResponse((int)response.StatusCode, LinesOf(response)).RefusingRunner is { } id && Recognize(id, signedFor) && attempt < MaxAttempts)
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

    /// <summary>What became of an offer that was answered; null: the runner does not say.</summary>
    private OfferOutcome Told(OfferOutcome? outcome, CallOffer offer, int status)
    {
        if (outcome is null)
        {
            Log.NoOutcome(_logger, Name, offer.CallId, status);
            return new FailedOutcome(new CallFailure(CallError.RunnerLost) { Detail = $"status {status}" });
        }
        if (outcome is not RefusedOutcome && offer.Timeline.RunnerId is { } id)
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

    /// <summary>What became of an offer, and whether it may be made again at once: nothing of it was taken, for a reason that another attempt need not have.</summary>
    private readonly record struct Attempt(OfferOutcome Outcome, bool Again = false)
    {
        public static Attempt Unreachable(bool again) => new(new RefusedOutcome(NotPlacedReason.Unreachable), again);

        public static Attempt Failed(CallError error) => new(new FailedOutcome(new CallFailure(error)));
    }

    private static partial class Log
    {
        [LoggerMessage(1210, LogLevel.Warning, "Runner {Runner} could not be reached for call {CallId}; nothing of it was placed")]
        public static partial void Unreachable(ILogger logger, string runner, string callId, Exception? exception);

        [LoggerMessage(1211, LogLevel.Error, "The connection to runner {Runner} broke under call {CallId}")]
        public static partial void Lost(ILogger logger, string runner, string callId, Exception? exception);

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
