using System.Collections.Concurrent;
using System.Threading.Channels;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A runner that does what the test says: refuses the next offers, or hands calls to the test, which plays the function.</summary>
internal sealed class ScriptedRunner(string name = "scripted") : IRunner, IRunnerControl, IRunnerWarmer, IRunnerStatusSource
{
    private readonly ConcurrentQueue<NotPlacedReason> _refusals = new();
    private readonly Channel<ScriptedCall> _taken = Channel.CreateUnbounded<ScriptedCall>();
    private int _offers;
    private int _executions;

    public string Name { get; } = name;

    public bool Draining { get; set; }

    /// <summary>Offers that got here, refused ones too.</summary>
    public int Offers => _offers;

    /// <summary>The last of them.</summary>
    public CallOffer? LastOffer { get; private set; }

    /// <summary>Calls that were taken.</summary>
    public int Executions => _executions;

    /// <summary>Waits of the offers that got here, in order.</summary>
    public ConcurrentQueue<TimeSpan?> Waits { get; } = new();

    /// <summary>When set, every offer is refused.</summary>
    public NotPlacedReason? RefuseAll { get; set; }

    /// <summary>When set, offers throw it.</summary>
    public Exception? Bug { get; set; }

    /// <summary>When set, decides offers that may be queued.</summary>
    public Func<OfferOutcome>? Waiting { get; set; }

    public void RefuseNext(NotPlacedReason reason) => _refusals.Enqueue(reason);

    /// <summary>The next call that was taken.</summary>
    public ValueTask<ScriptedCall> NextCallAsync(CancellationToken cancel) => _taken.Reader.ReadAsync(cancel);

    public async ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft)
    {
        LastOffer = offer;
        Interlocked.Increment(ref _offers);
        Waits.Enqueue(offer.Wait);
        if (Bug is { } bug)
            throw bug;
        if (RefuseAll is { } always)
            return new RefusedOutcome(always);
        if (_refusals.TryDequeue(out var reason))
            return new RefusedOutcome(reason);
        if (offer.Wait is not null && Waiting is { } waiting)
            return waiting();
        Interlocked.Increment(ref _executions);
        offer.Timeline.RunnerId = Name;
        var call = new ScriptedCall(offer, clientLeft);
        _taken.Writer.TryWrite(call);
        return await call.Outcome;
    }

    /// <summary>Functions whose idle containers were to be ended; null stands for all.</summary>
    public ConcurrentQueue<string?> Evictions { get; } = new();

    public Task DrainAsync(CancellationToken cancel)
    {
        Draining = true;
        return Task.CompletedTask;
    }

    public Task<int> EvictIdleAsync(string? functionId, CancellationToken cancel)
    {
        Evictions.Enqueue(functionId);
        return Task.FromResult(7);
    }

    /// <summary>What it was to keep ready, in order.</summary>
    public ConcurrentQueue<(FunctionSpec Function, WarmWish Wish)> Wishes { get; } = new();

    /// <summary>What becomes of a wish; all of it at once when not set.</summary>
    public Func<FunctionSpec, WarmWish, Task<WarmState>>? OnWarm { get; set; }

    public Task<WarmState> WarmAsync(FunctionSpec spec, WarmWish wish, CancellationToken cancel)
    {
        Wishes.Enqueue((spec, wish));
        return OnWarm?.Invoke(spec, wish) ?? Task.FromResult(new WarmState { Ready = wish.Count });
    }

    public RunnerStatus GetStatus() => new()
    {
        RunnerId = Name,
        Draining = Draining,
        MemoryBudget = 1024,
        MemoryReserved = 512,
        Starting = 1,
        StartingPeak = 2,
        StartsQueued = 3,
        Waiting = 4,
        Running = 5,
        Pools = [],
    };
}
