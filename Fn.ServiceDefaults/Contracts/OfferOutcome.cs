namespace Fn.ServiceDefaults.Contracts;

/// <summary>What became of an offered call: one of the four sealed kinds below.</summary>
public abstract class OfferOutcome
{
    private protected OfferOutcome() { }
}

/// <summary>The call was not placed: nothing of it reached a function and its body was not read. The only outcome after which it may be offered again.</summary>
public sealed class RefusedOutcome(NotPlacedReason reason) : OfferOutcome
{
    public NotPlacedReason Reason { get; } = reason;
}

/// <summary>A detached call was taken: its body is with the runner, which runs it whatever becomes of the client.</summary>
public sealed class AcceptedOutcome : OfferOutcome;

/// <summary>The call ended without an answer of the function that could be passed on.</summary>
public sealed class FailedOutcome(CallFailure failure) : OfferOutcome
{
    public CallFailure Failure { get; } = failure;
}

/// <summary>The function answers. Whoever receives this disposes <see cref="Answer"/>, once.</summary>
public sealed class AnsweredOutcome(RunnerAnswer answer) : OfferOutcome
{
    public RunnerAnswer Answer { get; } = answer;
}
