using Fn.ServiceDefaults.Contracts;

namespace Fn.Bench;

/// <summary>A runner that takes every call and answers at once; a detached one it only takes.</summary>
internal sealed class AnsweringRunner(string name) : IRunner, IRunnerControl, IRunnerWarmer, IRunnerStatusSource
{
    private static readonly byte[] Body = "hello"u8.ToArray();

    public string Name => name;

    public bool Draining => false;

    public ValueTask<OfferOutcome> OfferAsync(CallOffer offer, CancellationToken clientLeft)
    {
        offer.Timeline.RunnerId = name;
        if (offer.Detached)
            return ValueTask.FromResult<OfferOutcome>(new AcceptedOutcome());
        return ValueTask.FromResult<OfferOutcome>(new AnsweredOutcome(new Answer
        {
            Status = 200,
            Headers = [new Header("Content-Type", "text/plain")],
            ContentLength = Body.Length,
            Body = new MemoryStream(Body, writable: false),
        }));
    }

    public Task DrainAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task<int> EvictIdleAsync(string? functionId, CancellationToken cancel) => Task.FromResult(0);

    public Task<WarmState> WarmAsync(FunctionSpec spec, WarmWish wish, CancellationToken cancel) => Task.FromResult(new WarmState { Ready = wish.Count });

    public RunnerStatus GetStatus() => new()
    {
        RunnerId = name,
        Draining = false,
        MemoryBudget = 0,
        MemoryReserved = 0,
        Starting = 0,
        StartingPeak = 0,
        StartsQueued = 0,
        Waiting = 0,
        Running = 0,
        Pools = [],
    };

    private sealed class Answer : RunnerAnswer
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
