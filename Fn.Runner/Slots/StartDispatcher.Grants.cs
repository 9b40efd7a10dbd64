using Fn.Runner.Containers;
using Fn.Runner.Eviction;
using Fn.Runner.Resources;

namespace Fn.Runner.Slots;

/// <summary>How grants are chosen, and victims for them.</summary>
internal sealed partial class StartDispatcher
{
    // Empty but while victims are chosen.
    private readonly List<(EvictionCandidate Candidate, SlotPool Pool, HotContainer Container)> _candidates = [];

    /// <summary>The round the next turn belongs to; grows as turns are granted.</summary>
    private long _round;

    /// <param name="grants">What was granted.</param>
    /// <param name="without">Pools for whose starts there is no memory, and whose calls may go elsewhere.</param>
    private void GrantAllLocked(ref List<(StartRequest, StartGrant)>? grants, ref HashSet<SlotPool>? without)
    {
        // Thread A finds a container busy and gives up; thread B makes it idle before A has said that a request is short of memory. So A says it first.
        _starved = true;
        var starved = false;
        // Once idle containers did not suffice for one request, only requests that need less can find them sufficient.
        var idleIsShortOf = long.MaxValue;
        for (var node = _first.First ?? _turns.First; node is not null && _starting < _most;)
        {
            var request = node.Value;
            var next = node.Next ?? (node.List == _first ? _turns.First : null);
            if (TryGrantLocked(request, ref idleIsShortOf) is { } grant)
            {
                _round = Math.Max(_round, request.Round);
                DequeueLocked(request);
                (grants ??= []).Add((request, grant));
            }
            else
            {
                starved = true;
                if (request.Pool.MayRefuse)
                    (without ??= []).Add(request.Pool);
                request.UnfitSince ??= _time.GetTimestamp();
                if (_time.GetElapsedTime(request.UnfitSince.Value) >= Patience)
                    break;
            }
            node = next;
        }
        _starved = starved;
        // What calls wait for comes first: nothing is taken ahead of calls while memory for those is short.
        if (!starved)
            GrantAheadLocked(ref grants);
        ClaimLocked();
    }

    private StartGrant? TryGrantLocked(StartRequest request, ref long idleIsShortOf)
    {
        var bytes = request.Bytes;
        if (_ledger.TryReserve(bytes) is { } free)
            return GrantLocked(request, Task.FromResult(free));

        var shortfall = bytes - _ledger.Free;
        if (shortfall >= idleIsShortOf)
            return null;
        var victims = ChooseVictimsLocked(request, shortfall);
        var covered = victims.Sum(victim => victim.Pool.Function.MemoryBytes);
        if (covered < shortfall)
        {
            idleIsShortOf = shortfall;
            // Only a race with calls that took the candidates leaves some here: they are going, so their memory is simply freed.
            foreach (var victim in victims)
                _background.Run(() => FreeAsync(victim));
            return null;
        }
        var rest = _ledger.TryReserve(Math.Max(0, bytes - covered))!;
        var gone = new TaskCompletionSource<MemoryReservation>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var victim in victims)
            Log.Evicting(_logger, victim.Container.Id, victim.Pool.Function.FunctionId, request.Pool.Function.FunctionId);
        _background.Run(async () => gone.SetResult(await CollectAsync(bytes, rest, victims)));
        return GrantLocked(request, gone.Task) with { Victims = victims, Policy = _policy.Words };
    }

    private StartGrant GrantLocked(StartRequest request, Task<MemoryReservation> memory)
    {
        StartingPeak = Math.Max(StartingPeak, ++_starting);
        // A pool is not empty from its request to the end of its container.
        if (Array.IndexOf(_holders, request.Pool) < 0)
            _holders = [.. _holders.Where(static pool => !pool.IsEmpty), request.Pool];
        return new StartGrant(new Token(this), memory);
    }

    private async Task<MemoryReservation> CollectAsync(long bytes, MemoryReservation rest, List<Victim> victims)
    {
        var freed = await Task.WhenAll(victims.Select(victim => victim.Pool.RemoveEvictedAsync(victim.Container)));
        return _ledger.Merge(bytes, [rest, .. freed]);
    }

    private async Task FreeAsync(Victim victim)
    {
        (await victim.Pool.RemoveEvictedAsync(victim.Container)).Dispose();
        Pump();
    }

    /// <summary>Takes idle containers of other functions, in the policy's order, until they cover the shortfall; takes none when all together do not.</summary>
    private List<Victim> ChooseVictimsLocked(StartRequest request, long shortfall)
    {
        var victims = new List<Victim>();
        AddCandidatesLocked(request.Pool, request);
        if (_candidates.Sum(static idle => idle.Candidate.Bytes) >= shortfall)
        {
            _candidates.Sort((first, second) => EvictionOrder.Compare(_policy, first.Candidate, second.Candidate));
            foreach (var (candidate, pool, container) in _candidates)
            {
                if (shortfall <= 0)
                    break;
                if (!pool.TryEvict(container, request))
                    continue;
                victims.Add(new Victim(pool, container, _time.GetElapsedTime(candidate.IdleSince)));
                shortfall -= candidate.Bytes;
            }
        }
        _candidates.Clear();
        return victims;
    }

    /// <summary>What the idle containers of other functions hold that could be had for one that has containers.</summary>
    private long IdleBytesLocked(SlotPool forPool)
    {
        AddCandidatesLocked(forPool, forStart: null);
        var bytes = _candidates.Sum(static idle => idle.Candidate.Bytes);
        _candidates.Clear();
        return bytes;
    }

    private void AddCandidatesLocked(SlotPool forPool, StartRequest? forStart)
    {
        foreach (var pool in _holders)
        {
            if (pool != forPool && pool.AddCandidates(_candidates, forStart) is { } spared)
                _alarm.RingBy(spared);
        }
    }

    /// <summary>
    /// All busy, and functions without any container wait: the next releases in the pools that hold the most memory go to the evictor, so that a busy
    /// function cannot starve the others.
    /// </summary>
    private void ClaimLocked()
    {
        var missing = _first.Where(request => request.UnfitSince is not null).Sum(request => request.Bytes) - _ledger.Free;
        if (missing <= 0 && !_claimed)
            return;
        var claimedFor = _first.FirstOrDefault(request => request.UnfitSince is not null);
        var holders = _holders.Select(static pool => new Holder(pool)).ToList();
        missing -= holders.Sum(holder => holder.LeavingBytes);
        while (missing > 0 && holders.Where(holder => holder.CanGive).MaxBy(holder => holder.Bytes) is { } most)
        {
            most.Claims++;
            missing -= most.Pool.Function.MemoryBytes;
        }
        foreach (var holder in holders)
            holder.Pool.SetClaims(holder.Claims, holder.Claims > 0 ? claimedFor : null);
        _claimed = holders.Exists(holder => holder.Claims > 0);
    }

    /// <summary>A pool as <see cref="ClaimLocked"/> weighs it.</summary>
    private sealed class Holder(SlotPool pool)
    {
        private readonly (int Containers, int Busy, int Stopping) _holdings = pool.Holdings;

        public SlotPool Pool => pool;

        /// <summary>Releases claimed so far.</summary>
        public int Claims { get; set; }

        public bool CanGive => _holdings.Busy > Claims;

        /// <summary>Memory it would be left with.</summary>
        public long Bytes => (_holdings.Containers - Claims) * pool.Function.MemoryBytes;

        public long LeavingBytes => _holdings.Stopping * pool.Function.MemoryBytes;
    }
}
