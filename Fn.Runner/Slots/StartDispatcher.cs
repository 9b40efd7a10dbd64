using Fn.Runner.Eviction;
using Fn.Runner.Resources;

namespace Fn.Runner.Slots;

/// <summary>
/// Decides which container starts next on this runner. A start is granted with its share of the start budget, its memory and its victims together; nothing
/// is held while waiting for the rest. Functions without any container go first, then the functions take turns. Thread-safe.
/// </summary>
/// <remarks>Its lock is taken before a pool's, never after. Grants are told to the pools after it is left.</remarks>
internal sealed partial class StartDispatcher : IDisposable
{
    /// <summary>How long others may pass a request that does not fit; after that freed memory is kept for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<StartRequest> _first = new();
    private readonly LinkedList<StartRequest> _turns = new();
    private readonly MemoryLedger _ledger;
    private readonly IEvictionPolicy _policy;
    private readonly BackgroundWork _background;
    private readonly TimeProvider _time;
    private readonly ILogger<StartDispatcher> _logger;
    private readonly PoolAlarm _alarm;
    private readonly int _most;

    // The pools with containers, and a few that have none any more: so many fit into the memory, however many functions there are. Replaced as a whole, under
    // the lock: to be read without it too.
    private volatile SlotPool[] _holders = [];
    private int _starting;
    private int _queued;
    private bool _claimed;
    private volatile bool _starved;

    public StartDispatcher(
        MemoryLedger ledger, IEvictionPolicy policy, BackgroundWork background, int maxStarts, TimeProvider time, ILogger<StartDispatcher> logger)
    {
        _ledger = ledger;
        _policy = policy;
        _background = background;
        _time = time;
        _logger = logger;
        _most = maxStarts;
        _alarm = new PoolAlarm(time, () =>
        {
            lock (_lock)
                _alarm!.Rang();
            Pump();
        });
    }

    /// <summary>Most starts that are under way at once.</summary>
    public int MaxStarts => _most;

    /// <summary>Starts that are under way.</summary>
    public int Starting => Volatile.Read(ref _starting);

    /// <summary>Most starts that were ever under way at once.</summary>
    public int StartingPeak { get; private set; }

    /// <summary>Starts that wait for start budget or memory.</summary>
    public int Queued => Volatile.Read(ref _queued);

    public long FreeMemory => _ledger.Free;

    /// <summary>How many containers of that size free memory has room for; none while starts wait, which it may be for.</summary>
    public int RoomFor(long bytes) => Queued > 0 ? 0 : (int)Math.Min(int.MaxValue, _ledger.Free / bytes);

    /// <summary>Memory of all idle containers, which could be had by eviction: an estimate.</summary>
    public long IdleMemory => _holders.Sum(static pool => pool.IdleMemory);

    /// <summary>How long a start asked for now would wait for the start budget.</summary>
    public TimeSpan ExpectedWait(TimeSpan start)
    {
        var ahead = Queued + Starting - _most + 1;
        return ahead <= 0 ? TimeSpan.Zero : start * ((double)ahead / _most);
    }

    /// <summary>A pool is no longer in use.</summary>
    public void Forget(SlotPool pool)
    {
        lock (_lock)
            _holders = Array.FindAll(_holders, other => other != pool);
    }

    /// <summary>Takes new requests and drops others, then grants what can be granted.</summary>
    public void Change(IReadOnlyList<StartRequest>? submitted, IReadOnlyList<StartRequest>? cancelled)
    {
        if (submitted is null && cancelled is null)
            return;
        lock (_lock)
        {
            foreach (var request in cancelled ?? [])
            {
                request.Dropped = true;
                DequeueLocked(request);
            }
            foreach (var request in submitted ?? [])
            {
                // Thread A's request is dropped by thread B, which gets here before A does.
                if (!request.Dropped)
                    EnqueueLocked(request);
            }
        }
        Pump();
    }

    /// <summary>A container became idle: it may be what a request without memory waits for.</summary>
    public void BecameIdle()
    {
        if (_starved)
            Pump();
    }

    /// <summary>Whether a container of this pool could be started now, with what is free and what is idle.</summary>
    public bool HasRoomFor(SlotPool pool)
    {
        var bytes = pool.Function.MemoryBytes;
        lock (_lock)
        {
            if (_starved)
                return false;
            return bytes <= _ledger.Free || IdleBytesLocked(pool) >= bytes - _ledger.Free;
        }
    }

    /// <summary>Grants what can be granted. Called whenever start budget or memory became free.</summary>
    public void Pump()
    {
        List<(StartRequest Request, StartGrant Grant)>? grants = null;
        HashSet<SlotPool>? without = null;
        lock (_lock)
        {
            if (_queued > 0 || _claimed || _ahead.Count > 0)
                GrantAllLocked(ref grants, ref without);
        }
        foreach (var (request, grant) in grants ?? [])
            request.Pool.Begin(request, grant);
        foreach (var pool in without ?? [])
            pool.RefuseSurplus();
    }

    public void Dispose() => _alarm.Dispose();

    private void EnqueueLocked(StartRequest request)
    {
        request.Node = new LinkedListNode<StartRequest>(request);
        if (request.Ahead)
        {
            _ahead.AddLast(request.Node);
            return;
        }
        if (request.First)
            _first.AddLast(request.Node);
        else
            InsertInTurn(request.Node);
        _queued++;
    }

    /// <summary>Round robin: a function's next request comes after one of every other function that waits.</summary>
    private void InsertInTurn(LinkedListNode<StartRequest> node)
    {
        var pool = node.Value.Pool;
        node.Value.Round = pool.StartRound = 1 + (pool.StartTurns++ == 0 ? _round : Math.Max(_round, pool.StartRound));
        var before = _turns.Last;
        while (before is not null && before.Value.Round > node.Value.Round)
            before = before.Previous;
        if (before is null)
            _turns.AddFirst(node);
        else
            _turns.AddAfter(before, node);
    }

    private void DequeueLocked(StartRequest request)
    {
        if (request.Node is not { } node)
            return;
        request.Node = null;
        if (node.List == _turns)
            request.Pool.StartTurns--;
        if (!request.Ahead)
            _queued--;
        node.List!.Remove(node);
    }

    private void GiveBackToken()
    {
        lock (_lock)
            _starting--;
        Pump();
    }

    /// <summary>A share of the start budget.</summary>
    private sealed class Token(StartDispatcher dispatcher) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                dispatcher.GiveBackToken();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Information, "Evicting container {ContainerId} of function {FunctionId}: its memory is needed by function {ForFunctionId}")]
        public static partial void Evicting(ILogger logger, string containerId, string functionId, string forFunctionId);
    }
}
