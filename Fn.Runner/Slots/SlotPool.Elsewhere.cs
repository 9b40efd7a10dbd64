using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>Which of the calls that were to be taken now go back, to be offered elsewhere, because memory for more containers is short here.</summary>
internal sealed partial class SlotPool
{
    private int _takenNow;

    /// <summary>Whether calls wait that could still be offered elsewhere. Read without the lock.</summary>
    public bool MayRefuse => Volatile.Read(ref _takenNow) > 0;

    /// <summary>
    /// The dispatcher has no memory for a start that this pool asked for. Calls that were to be taken now, and that wait for longer than a start would take,
    /// are refused: the last ones, which have waited the least and would wait the longest.
    /// </summary>
    public void RefuseSurplus()
    {
        var effects = new PoolEffects();
        lock (_lock)
        {
            // Thread A finds no memory while thread B gets the last of these calls a slot: then this changes nothing.
            if (_requested.Count == 0)
                return;
            var stay = LinesUpLocked();
            for (var node = _waiters.Last; node is not null && _waiters.Count > stay;)
            {
                var waiter = node.Value;
                node = node.Previous;
                if (waiter.MayGoBack && !waiter.StartBegun)
                    LeaveLocked(waiter, SlotGrant.Refuse(NotPlacedReason.Full), ref effects);
            }
            ApplyRuleLocked(ref effects);
        }
        CarryOut(effects);
    }

    /// <summary>How many calls may wait for the containers that have their memory.</summary>
    private int LinesUpLocked() => _format.OneCall ? 0 : LaunchRule.LinesUp(SnapshotLocked() with { Starting = _launching + _warming });
}
