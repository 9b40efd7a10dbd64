using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// Remembers that a revision which never had a ready container failed to start, so that calls get the error at once instead of starting it again and again:
/// 1, 2, 4 … 30 s. Once it has been ready, failures are single events. Used under the pool's lock.
/// </summary>
internal sealed class StartBackoff(TimeProvider time)
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>So many containers in a row that end in their first exchange do not end because of what one call wanted.</summary>
    private const int Stillborn = 3;

    private CallFailure? _failure;
    private long _until;
    private int _failures;
    private int _endedInFirst;

    /// <summary>True once a container of the revision has been ready.</summary>
    public bool EverReady { get; private set; }

    /// <summary>The failure to answer with now, with the time until it is worth trying again; null: try.</summary>
    public CallFailure? Current
    {
        get
        {
            var left = time.GetElapsedTime(time.GetTimestamp(), _until);
            return _failure is not null && left > TimeSpan.Zero ? _failure with { RetryAfter = left } : null;
        }
    }

    /// <summary>A start failed while nothing had ever been ready. Returns the failure with the time until it is worth trying again.</summary>
    public CallFailure Failed(CallFailure failure)
    {
        // Several starts that were under way together are one attempt.
        if (Current is { } current)
            return current;
        var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(_failures++, 10)));
        if (wait > Most)
            wait = Most;
        _until = time.Add(time.GetTimestamp(), wait);
        return _failure = failure with { RetryAfter = wait };
    }

    /// <summary>
    /// A container that has no way to say that it is ready ended in its first exchange, without an answer. Null: that is a matter of this call alone; else
    /// the function does not start.
    /// </summary>
    public CallFailure? EndedInFirst() =>
        !EverReady && ++_endedInFirst >= Stillborn ? Failed(new CallFailure(CallError.InitializationFailed)) : null;

    public void Ready()
    {
        EverReady = true;
        _failure = null;
    }
}
