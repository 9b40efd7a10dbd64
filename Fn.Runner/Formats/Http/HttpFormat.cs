using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Formats.Http;

/// <summary>The format <c>http</c>: hot, HTTP/1.1 on standard input and output.</summary>
internal sealed class HttpFormat(IOptions<CallOptions> options, TimeProvider time) : IFunctionFormat
{
    public string Name => FunctionFormat.Http;

    public bool OneCall => false;

    public bool HasReadySignal => false;

    public bool NeedsSocketDirectory => false;

    public void AddEnvironment(IDictionary<string, string> environment, FunctionSpec function, CallOffer? call, DateTimeOffset now) =>
        PlatformEnvironment.Add(environment, function, detached: false);

    public ValueTask<OpenOutcome> OpenAsync(IContainer container, FunctionSpec function, string? socketDirectory, CancellationToken cancel) =>
        ValueTask.FromResult(new OpenOutcome(new StdioChannel(container, options.Value, time), null));
}
