using System.Text;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Calls;

/// <summary>A call offered to the engine of a <see cref="SlotHarness"/>, and looked at after each step.</summary>
internal sealed class EngineCall
{
    private readonly SlotHarness _harness;
    private readonly CancellationTokenSource _clientLeft = new();
    private readonly Pending<OfferOutcome> _outcome;

    public EngineCall(SlotHarness harness, FunctionSpec function, TimeSpan? wait, bool detached = false, CallBody? body = null)
    {
        _harness = harness;
        Offer = SlotHarness.Offer(harness.Time, function, wait, detached, body);
        _outcome = harness.Begin(() => harness.Engine.OfferAsync(Offer, _clientLeft.Token));
    }

    public EngineCall(SlotHarness harness, FunctionSpec function, bool detached = false, CallBody? body = null)
        : this(harness, function, TimeSpan.FromHours(1), detached, body)
    {
    }

    public CallOffer Offer { get; }

    public bool IsOver => _outcome.IsOver;

    public OfferOutcome Outcome => _outcome.Result;

    public RunnerAnswer Answer => Assert.IsType<AnsweredOutcome>(Outcome).Answer;

    public CallFailure Failure => Assert.IsType<FailedOutcome>(Outcome).Failure;

    public NotPlacedReason Refusal => Assert.IsType<RefusedOutcome>(Outcome).Reason;

    public void Leave() => _harness.Step(_clientLeft.Cancel);

    /// <summary>Begins to read one piece of the answer.</summary>
    public Pending<string> Read() => _harness.Begin(async () =>
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await Answer.Body.ReadAsync(buffer));
    });

    public Pending DisposeAnswer() => _harness.Begin(() => Answer.DisposeAsync().AsTask());
}
