using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>Requests on a container's standard input, answers on its standard output, one after another: a single connection for the container's life.</summary>
internal sealed class StdioChannel : HttpCallChannel
{
    private readonly FunctionLink _link;

    public StdioChannel(IContainer container, CallOptions options, TimeProvider time)
        : base(new AnswerLimits(options.MaxResponseSize, options.MaxResponseHeaderSize, time, container.Ended)) =>
        _link = new FunctionLink(container.Output, container.Input, time);

    public override Task Broken => _link.Unusable;

    public override bool Reusable => _link.IsIdle;

    public override async ValueTask DisposeAsync()
    {
        _link.Dispose();
        await base.DisposeAsync();
    }

    protected override ValueTask<FunctionLink?> BeginAsync(Exchange exchange, CancellationToken cancel) =>
        ValueTask.FromResult(_link.TryBegin(exchange) ? _link : null);

    protected override long? WriteHead(MessageBuffer to, ExchangeRequest request)
    {
        var call = request.Call;
        var url = call.RequestUrl.ToString();
        var (host, target) = RequestWriter.Split(url);
        RequestWriter.AddStart(to, MethodOf(call.Method), target, host);
        RequestWriter.AddClientHeaders(to, call, IsPlatforms);
        RequestWriter.AddDeadline(to, "Fn_deadline", request.Deadline);
        to.AppendField("Fn_method", call.Method);
        to.AppendField("Fn_request_url", url);
        to.AppendField("Fn_call_id", call.CallId);
        to.AppendField(RequestWriter.CallIdHeader, call.CallId);
        RequestWriter.AddDeadline(to, RequestWriter.DeadlineHeader, request.Deadline);
        return call.Body.Length;
    }

    protected override CallFailure? Judge(int status) => null;

    // An answer to HEAD or CONNECT is framed otherwise, which a function that reads and writes by Content-Length does not know.
    private static string MethodOf(string method) => method is "HEAD" or "CONNECT" ? "GET" : method;

    private static bool IsPlatforms(string name) =>
        name.StartsWith("Fn", StringComparison.OrdinalIgnoreCase)
        && name.ToUpperInvariant() is "FN_DEADLINE" or "FN_METHOD" or "FN_REQUEST_URL" or "FN_CALL_ID" or "FN-CALL-ID" or "FN-DEADLINE";
}
