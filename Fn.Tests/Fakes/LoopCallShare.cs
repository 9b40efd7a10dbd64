using Fn.Api.History;

namespace Fn.Tests.Fakes;

/// <summary>Tells everybody at once.</summary>
internal sealed class LoopCallShare : ICallShare
{
    public List<ICallHearer> Hearers { get; } = [];

    public bool Shares => true;

    public Task TellAsync(CallBatch batch, CancellationToken cancel)
    {
        Hearers.ForEach(hearer => hearer.Hear(batch, TimeSpan.Zero));
        return Task.CompletedTask;
    }

    public Task TellAsync(HourOfCalls hour, CancellationToken cancel)
    {
        Hearers.ForEach(hearer => hearer.Hear(hour, TimeSpan.Zero));
        return Task.CompletedTask;
    }

    public Task HearAsync(string gateway, ICallHearer hearer, CancellationToken cancel) => Task.CompletedTask;
}
