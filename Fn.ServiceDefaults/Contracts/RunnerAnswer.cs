namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// A function's answer: headers at once, body as it comes. Disposing it before the body's end tells the runner that the client left; the runner then
/// decides whether the container can be kept.
/// </summary>
public abstract class RunnerAnswer : IAsyncDisposable
{
    /// <summary>HTTP status for the client of <c>/invoke</c>.</summary>
    public required int Status { get; init; }

    /// <summary>The function's headers without the hop-by-hop ones, without Content-Length; Latin-1 values; one entry a line.</summary>
    public required IReadOnlyList<Header> Headers { get; init; }

    /// <summary>Length of the body in bytes when the function said it; null when it is known only at its end.</summary>
    public required long? ContentLength { get; init; }

    /// <summary>
    /// The body, forward only, to be read by one reader. Reading throws <see cref="CallBrokenException"/> when the function broke off, ran over its time or
    /// over a limit: the client must then see a broken body, never a whole-looking one.
    /// </summary>
    public required Stream Body { get; init; }

    /// <summary>Gives the slot back. Idempotent.</summary>
    public abstract ValueTask DisposeAsync();
}
