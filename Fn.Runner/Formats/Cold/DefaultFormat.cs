using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Formats.Cold;

/// <summary>The format <c>default</c>: cold. One container for one call; the body on standard input, the answer on standard output, exit code 0 for success.</summary>
internal sealed class DefaultFormat(IOptions<CallOptions> options, TimeProvider time) : IFunctionFormat
{
    public string Name => FunctionFormat.Default;

    public bool OneCall => true;

    public bool HasReadySignal => false;

    public bool NeedsSocketDirectory => false;

    public void AddEnvironment(IDictionary<string, string> environment, FunctionSpec function, CallOffer? call, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(call);
        PlatformEnvironment.Add(environment, function, call.Detached);
        environment["FN_DEADLINE"] = PlatformEnvironment.Deadline(now + function.Timeout);
        environment["FN_METHOD"] = call.Method;
        environment["FN_REQUEST_URL"] = call.RequestUrl.ToString();
        environment["FN_CALL_ID"] = call.CallId;
        foreach (var lines in call.Headers.Where(header => call.Span is null || !TraceContextText.IsHeader(header.Name)).GroupBy(header => header.Name, StringComparer.OrdinalIgnoreCase))
            environment[$"FN_HEADER_{Canonical(lines.Key)}"] = string.Join(", ", lines.Select(header => header.Value));
        // Its environment is made before it runs, so the parent is the call and not its run.
        if (call.Span?.Id is { } span)
            environment["FN_HEADER_Traceparent"] = span;
        if (call.Span?.TraceStateString is { Length: > 0 } state)
            environment["FN_HEADER_Tracestate"] = state;
    }

    public ValueTask<OpenOutcome> OpenAsync(IContainer container, FunctionSpec function, string? socketDirectory, CancellationToken cancel) =>
        ValueTask.FromResult(new OpenOutcome(new DefaultChannel(container, options.Value, time), null));

    // As Go writes header names: the first letter and each after a dash in upper case, the others in lower case.
    private static string Canonical(string name) =>
        string.Create(name.Length, name, static (text, source) =>
        {
            var upper = true;
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = upper ? char.ToUpperInvariant(source[i]) : char.ToLowerInvariant(source[i]);
                upper = source[i] == '-';
            }
        });
}
