namespace Fn.Runner.Containers;

/// <summary>The way to one container. Used by one call at a time.</summary>
internal interface ICallChannel : IAsyncDisposable
{
    /// <summary>
    /// Completes when the channel can no longer be used: the function closed its stream, or wrote while it had no call. Never faults. The container's own
    /// end is told by <see cref="Drivers.IContainer.Ended"/>.
    /// </summary>
    Task Broken { get; }

    /// <summary>
    /// Whether another call may be sent, asked when an exchange is over: false once anything of the last one is left unread or unsent, or the function
    /// asked for the end of its stream.
    /// </summary>
    bool Reusable { get; }

    /// <summary>
    /// Sends a call and waits for the answer's headers. The call counts as seen from the first byte that is written; until then the outcome is
    /// <see cref="NotSentOutcome"/>. Throws <see cref="OperationCanceledException"/> only when <paramref name="cancel"/> is cancelled.
    /// </summary>
    /// <param name="request">The call.</param>
    /// <param name="cancel">Ends the exchange at once, at its deadline or because nobody wants the answer; also while the answer's body is read.</param>
    ValueTask<ExchangeOutcome> SendAsync(ExchangeRequest request, CancellationToken cancel);
}
