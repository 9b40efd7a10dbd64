using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>What became of a call that was sent to a container: one of the three kinds below.</summary>
internal abstract class ExchangeOutcome;

/// <summary>The channel was dead before the first byte was written: the container is discarded and the call given to another one.</summary>
internal sealed class NotSentOutcome : ExchangeOutcome
{
    public static NotSentOutcome Instance { get; } = new();
}

/// <summary>The exchange failed before the answer's headers could be passed on. The container is kept only if its channel is still reusable.</summary>
internal sealed class ExchangeFailedOutcome(CallFailure failure) : ExchangeOutcome
{
    public CallFailure Failure { get; } = failure;
}

/// <summary>
/// The function answers. <see cref="Body"/> is read by one reader and disposed once; reading throws <see cref="CallBrokenException"/> when the function
/// breaks off, and <see cref="OperationCanceledException"/> when the exchange was cancelled. Disposed before its end, the channel is no longer reusable.
/// </summary>
internal sealed class ExchangeAnswer : ExchangeOutcome
{
    public required int Status { get; init; }

    /// <summary>Without hop-by-hop headers and Content-Length; one entry a line.</summary>
    public required IReadOnlyList<Header> Headers { get; init; }

    public required long? ContentLength { get; init; }

    public required Stream Body { get; init; }
}
