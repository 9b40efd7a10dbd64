namespace Fn.Runner.Slots;

/// <summary>
/// Starts that no call waits for, asked for by pools below their floor. They come last, never take the last share of the start budget, and are counted
/// nowhere: a call's start does not wait for them.
/// </summary>
internal sealed partial class StartDispatcher
{
    /// <summary>
    /// An idle container that was used less than this ago is not taken for them: a function that is called now and then would lose its container to a floor
    /// and win it back with the next call, again and again.
    /// </summary>
    public static readonly TimeSpan AheadSpares = TimeSpan.FromSeconds(5);

    private readonly LinkedList<StartRequest> _ahead = new();

    private void GrantAheadLocked(ref List<(StartRequest, StartGrant)>? grants)
    {
        var idleIsShortOf = long.MaxValue;
        var unfit = false;
        for (var node = _ahead.First; node is not null && _starting < Math.Max(1, _most - 1);)
        {
            var request = node.Value;
            node = node.Next;
            if (TryGrantLocked(request, ref idleIsShortOf) is { } grant)
            {
                DequeueLocked(request);
                (grants ??= []).Add((request, grant));
            }
            else
            {
                unfit = true;
            }
        }
        // Memory that becomes free is told of; a container that becomes idle is not, as that happens with every call.
        if (unfit)
            _alarm.RingBy(_time.Add(_time.GetTimestamp(), AheadSpares));
    }
}
