namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// The one seam between a gateway and a runner. A runner in the same process implements it directly; a remote one is reached over HTTP.
/// Both behave alike: the conformance suite runs against each.
/// </summary>
public interface IRunner
{
    /// <summary>What logs and answers call this runner: its id once known, else its address.</summary>
    string Name { get; }

    /// <summary>
    /// Offers a call. The body is not touched unless the runner takes the call; after a <see cref="RefusedOutcome"/> the same offer may be made
    /// elsewhere. After any other outcome the call may have been seen by the function and is never offered again.
    /// </summary>
    /// <param name="offer">The call. Its <see cref="CallOffer.Timeline"/> is filled in by the runner.</param>
    /// <param name="clientLeft">Cancelled when the client has gone. Ends waiting at once (<see cref="CallError.ClientLeft"/>).</param>
    /// <returns>The outcome, once the function's headers are there (or the call ended before that). Does not throw for expected outcomes.</returns>
    ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft);
}
