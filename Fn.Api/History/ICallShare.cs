namespace Fn.Api.History;

/// <summary>How gateways tell each other of calls. Two implementations: none, for a gateway alone, and Redis. What cannot be told is lost: it is only a view.</summary>
internal interface ICallShare
{
    /// <summary>Whether there may be other gateways.</summary>
    bool Shares { get; }

    /// <summary>Tells the others of calls, and keeps it for those that join later.</summary>
    Task TellAsync(CallBatch batch, CancellationToken cancel);

    /// <summary>Tells the others what an hour of this gateway has come to so far.</summary>
    Task TellAsync(HourOfCalls hour, CancellationToken cancel);

    /// <summary>Hears what the others told before and tell from now on, one call at a time. Runs until cancelled; outlives losses of connection.</summary>
    /// <param name="gateway">Who hears: not told what it said itself.</param>
    /// <param name="hearer">Who is told.</param>
    /// <param name="cancel">Ends it.</param>
    Task HearAsync(string gateway, ICallHearer hearer, CancellationToken cancel);
}

/// <summary>Receives what other gateways tell of their calls.</summary>
internal interface ICallHearer
{
    void Hear(CallBatch batch, TimeSpan age);

    void Hear(HourOfCalls hour, TimeSpan age);

    /// <summary>A gateway is no more.</summary>
    void Forget(string gateway);
}

/// <summary>A gateway alone.</summary>
internal sealed class NoCallShare : ICallShare
{
    public bool Shares => false;

    public Task TellAsync(CallBatch batch, CancellationToken cancel) => Task.CompletedTask;

    public Task TellAsync(HourOfCalls hour, CancellationToken cancel) => Task.CompletedTask;

    public Task HearAsync(string gateway, ICallHearer hearer, CancellationToken cancel) => Task.CompletedTask;
}
