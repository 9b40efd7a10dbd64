namespace Fn.ServiceDefaults.Contracts;

/// <summary>How a gateway has a runner keep containers ready ahead of calls. Thread-safe. Both implementations run one conformance suite.</summary>
public interface IRunnerWarmer
{
    /// <summary>
    /// Has the runner keep at least so many containers of a function's revision, busy ones counted, until the lease is over. The last wish for a revision
    /// counts; wishing twice is harmless.
    /// </summary>
    /// <param name="spec">The function.</param>
    /// <param name="wish">What is wished.</param>
    /// <param name="cancel">Ends the wait; the wish stays.</param>
    /// <returns>How it is once all of them are ready, a start has failed, or the wish's wait is over.</returns>
    /// <exception cref="HttpRequestException">The runner could not be reached, or refused.</exception>
    Task<WarmState> WarmAsync(FunctionSpec spec, WarmWish wish, CancellationToken cancel);
}

/// <summary>A wish for containers that are kept ready.</summary>
/// <param name="Count">How many, 0 to <see cref="FunctionSpec.MostMinHot"/>; 0 ends the wish.</param>
/// <param name="Lease">How long it holds unless it is renewed, up to <see cref="MaxLease"/>.</param>
/// <param name="Wait">How long the answer may wait for the containers to be ready, up to <see cref="MaxWait"/>.</param>
public readonly record struct WarmWish(int Count, TimeSpan Lease, TimeSpan Wait = default)
{
    public static TimeSpan MaxLease => TimeSpan.FromHours(1);

    public static TimeSpan MaxWait => TimeSpan.FromMinutes(1);
}

/// <summary>What became of a wish so far.</summary>
public sealed record WarmState
{
    /// <summary>Containers of the revision that can take calls: idle or busy.</summary>
    public required int Ready { get; init; }

    /// <summary>Why the last start failed, for people to read; null when none has failed since one succeeded.</summary>
    public string? Failure { get; init; }

    /// <summary>The runner is stopping and keeps nothing ready.</summary>
    public bool Draining { get; init; }

    public static WarmState Failed(CallFailure failure) => new() { Ready = 0, Failure = Describe(failure) };

    public static string Describe(CallFailure failure) => failure.Detail is { } detail ? $"{failure.Error}: {detail}" : $"{failure.Error}";
}
