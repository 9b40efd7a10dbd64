using Fn.Api.History;

namespace Fn.Tests.Fakes;

/// <summary>Has the figures it is given, and counts how often it is asked.</summary>
internal sealed class FakeCallHistory : ICallHistory
{
    private readonly List<Action> _subscribers = [];

    public Dictionary<string, CallFigures> ByFunction { get; } = [];

    public Dictionary<string, CallCosts> DaysByFunction { get; } = [];

    public int Asked { get; private set; }

    public int Subscribers => _subscribers.Count;

    public TimeSpan Keep => TimeSpan.FromMinutes(15);

    public void Change() => _subscribers.ForEach(changed => changed());

    public IReadOnlyList<CallRecord> Recent(CallFilter filter) => [];

    public CallRecord? Find(string callId) => null;

    public CallSeries Series(string? functionId)
    {
        Asked++;
        return new CallSeries(TimeSpan.FromSeconds(5), [CallFigures.None], TimeSpan.Zero);
    }

    public IReadOnlyDictionary<string, CallFigures> Figures() => ByFunction;

    public CallCosts Day(string? functionId) => default;

    public IReadOnlyDictionary<string, CallCosts> Days() => DaysByFunction;

    public IDisposable Subscribe(Action changed)
    {
        _subscribers.Add(changed);
        return new Subscription(() => _subscribers.Remove(changed));
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
