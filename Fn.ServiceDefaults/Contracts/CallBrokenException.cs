namespace Fn.ServiceDefaults.Contracts;

/// <summary>An answer broke off after its headers were passed on. <see cref="Failure"/> says what would have been answered before that.</summary>
public sealed class CallBrokenException(CallFailure failure, Exception? inner = null) : IOException($"The answer broke off: {failure.Error}.", inner)
{
    public CallFailure Failure { get; } = failure;
}
