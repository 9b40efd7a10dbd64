using Fn.ServiceDefaults.Registry;

namespace Fn.Api.Placement;

/// <summary>An idle container as its runner reported it, and how long it stays so if no call comes.</summary>
/// <param name="Since">When it became idle: milliseconds of the runner's uptime.</param>
/// <param name="Ago">How long it has been idle.</param>
/// <param name="Kept">Whether it is within the floor: then it does not end by itself.</param>
/// <param name="Timeout">How long one of this pool may be idle; null: not told.</param>
internal readonly record struct IdleContainerSight(long Since, TimeSpan Ago, bool Kept, TimeSpan? Timeout)
{
    /// <summary>How long it is still kept if no call comes; null: for as long as its function asks, or it is not told.</summary>
    public TimeSpan? Left => Kept || Timeout is not { } timeout ? null : timeout > Ago ? timeout - Ago : TimeSpan.Zero;

    /// <summary>The idle containers of a pool that are told apart, the one that goes first first.</summary>
    public static IEnumerable<IdleContainerSight> Of(PoolRecord record, RunnerView runner, TimeProvider time)
    {
        // As the runner does: the floor counts busy ones too, and is made of those that were used last.
        var spare = Math.Clamp(record.Idle + record.Busy - record.Floor, 0, record.Idle);
        TimeSpan? timeout = record.IdleTimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        for (var i = 0; i < record.IdleSince.Count; i++)
        {
            var ago = time.GetElapsedTime(runner.ToTimestamp(record.IdleSince[i]));
            yield return new IdleContainerSight(record.IdleSince[i], ago > TimeSpan.Zero ? ago : TimeSpan.Zero, Kept: i >= spare, timeout);
        }
    }
}
