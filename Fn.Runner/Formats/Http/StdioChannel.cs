using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>Requests on a container's standard input, answers on its standard output, one after another: a single connection for the container's life.</summary>
internal sealed class StdioChannel : HttpCallChannel
{
    private readonly FunctionLink _link;

    public StdioChannel(IContainer container, CallOptions options, TimeProvider time)
        : base(options, new AnswerLimits(options.MaxResponseSize, time, container.Ended)) =>
        _link = new FunctionLink(container.Output, container.Input, time);

    public override Task Broken => _link.Unusable;

    public override bool Reusable => _link.IsIdle;

    protected override FunctionLink Current => _link;

    public override async ValueTask DisposeAsync()
    {
        _link.Dispose();
        await base.DisposeAsync();
    }

    protected override bool TryBegin(Exchange exchange) => _link.TryBegin(exchange);

    protected override ValueTask<Stream> ConnectAsync(Exchange? exchange, CancellationToken cancel)
    {
        // Given again only when the client let an unused connection go: a Keep-Alive header of the function's may make it do that.
        if (_link.TryAttach() is { } stream)
            return ValueTask.FromResult<Stream>(stream);
        if (exchange is { Seen: false })
            exchange.Lost = true;
        throw new IOException("The function's stream cannot be opened again.");
    }

    protected override HttpRequestMessage CreateRequest(ExchangeRequest request, HttpContent content)
    {
        var call = request.Call;
        var (host, target) = RequestWriter.Split(call.RequestUrl);
        var message = RequestWriter.Create(MethodOf(call.Method), target, host, content);
        RequestWriter.AddClientHeaders(message, call, IsPlatforms);
        var deadline = PlatformEnvironment.Deadline(request.Deadline);
        RequestWriter.Add(message, "Fn_deadline", deadline);
        RequestWriter.Add(message, "Fn_method", call.Method);
        RequestWriter.Add(message, "Fn_request_url", call.RequestUrl);
        RequestWriter.Add(message, "Fn_call_id", call.CallId);
        RequestWriter.Add(message, RequestWriter.CallIdHeader, call.CallId);
        RequestWriter.Add(message, RequestWriter.DeadlineHeader, deadline);
        return message;
    }

    protected override CallFailure? Judge(HttpResponseMessage response) => null;

    // An answer to HEAD or CONNECT is framed otherwise, which a function that reads and writes by Content-Length does not know.
    private static HttpMethod MethodOf(string method) => method is "HEAD" or "CONNECT" ? HttpMethod.Get : HttpMethod.Parse(method);

    private static bool IsPlatforms(string name) =>
        name.StartsWith("Fn", StringComparison.OrdinalIgnoreCase)
        && name.ToUpperInvariant() is "FN_DEADLINE" or "FN_METHOD" or "FN_REQUEST_URL" or "FN_CALL_ID" or "FN-CALL-ID" or "FN-DEADLINE";
}
