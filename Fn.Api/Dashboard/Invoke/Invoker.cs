using Fn.Api.Invocation;
using Microsoft.AspNetCore.Http.Features;

namespace Fn.Api.Dashboard.Invoke;

/// <summary>Calls a function as a client of <c>/invoke</c> does: the same forwarder, the same translation, without a connection between.</summary>
internal sealed class Invoker(IFunctionResolver functions, CallForwarder forwarder, IServiceProvider services, TimeProvider time)
{
    /// <summary>Most bytes of an answer that are kept to be shown.</summary>
    public const int MostShown = 256 * 1024;

    /// <summary>Null: there is no such function.</summary>
    /// <exception cref="OperationCanceledException">It was broken off by whoever made it.</exception>
    public async Task<InvokeAnswer?> InvokeAsync(string functionId, InvokeRequest request, CancellationToken cancel)
    {
        if (await functions.ResolveAsync(functionId, cancel) is not { } function)
            return null;
        var body = new KeptBody(MostShown);
        using var life = new CallLifetime(cancel);
        var context = Dress(new DefaultHttpContext { RequestServices = services }, request, functionId, body, life);
        var began = time.GetTimestamp();
        await forwarder.ForwardAsync(context, function, DirectTranslation.Instance);
        // A stream that the answer's head never reached still has it.
        await context.Response.CompleteAsync();
        cancel.ThrowIfCancellationRequested();
        return new InvokeAnswer(life.BrokenOff ? 0 : context.Response.StatusCode, Lines(context.Response.Headers), body.Kept, body.Length, time.GetElapsedTime(began));
    }

    private static DefaultHttpContext Dress(DefaultHttpContext context, InvokeRequest request, string functionId, KeptBody body, CallLifetime life)
    {
        context.Features.Set<IHttpRequestLifetimeFeature>(life);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        foreach (var (name, value) in request.Headers)
            context.Request.Headers.Append(name, value);
        context.Request.Method = request.Method;
        context.Request.Protocol = HttpProtocol.Http11;
        context.Request.Scheme = Uri.UriSchemeHttp;
        context.Request.Host = new HostString("localhost");
        context.Request.Path = $"/invoke/{functionId}";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = context.Request.Path;
        context.Request.Body = new MemoryStream(request.Body.ToArray());
        context.Request.ContentLength = request.Body.Length;
        return context;
    }

    private static List<KeyValuePair<string, string>> Lines(IHeaderDictionary headers) =>
        [.. headers.SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value ?? "")))];

    /// <summary>What a server knows of the connection: whether the client has left, and that the answer was broken off.</summary>
    private sealed class CallLifetime(CancellationToken cancel) : IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly CancellationTokenSource _aborted = CancellationTokenSource.CreateLinkedTokenSource(cancel);

        public bool BrokenOff { get; private set; }

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public void Abort()
        {
            BrokenOff = true;
            _aborted.Cancel();
        }

        public void Dispose() => _aborted.Dispose();
    }
}
