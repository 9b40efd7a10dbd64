namespace Fn.ServiceDefaults.Contracts;

/// <summary>How a call failed.</summary>
public sealed record CallFailure(CallError Error)
{
    /// <summary>What the message needs beside the error: an exit code, a parser's text, an engine's message.</summary>
    public string? Detail { get; init; }

    /// <summary>The status to answer where the error alone does not decide it (a registry's 4xx).</summary>
    public int? Status { get; init; }

    /// <summary>When trying again makes sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The limit that fired, as a setting and its value: <c>Fn:Calls:QueueTimeout=120s</c>.</summary>
    public string? Limit { get; init; }
}
