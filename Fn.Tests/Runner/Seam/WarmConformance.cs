using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.Runner.Seam;

/// <summary>What a gateway may count on when it has a runner keep containers ready, in the same process or another.</summary>
public abstract class WarmConformance : IAsyncLifetime
{
    private static readonly WarmWish Two = new(2, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    private ISeam _seam = null!;

    private IRunnerWarmer Warmer => (IRunnerWarmer)_seam.Runner;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _seam = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _seam.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Warm_FunctionNeverSeen_AllAreReadyAndTheFirstCallIsHot()
    {
        Assert.Equal(new WarmState { Ready = 2 }, await Warmer.WarmAsync(_seam.Function, Two, Cancel));
        Assert.Equal(new WarmState { Ready = 2 }, await Warmer.WarmAsync(_seam.Function, Two with { Count = 1 }, Cancel));

        var offer = SlotHarness.Offer(TimeProvider.System, _seam.Function, wait: null);
        var offering = _seam.Runner.OfferAsync(offer, Cancel).AsTask();
        (await _seam.NextCallAsync(Cancel)).Fail(new CallFailure(CallError.AnswerBroken));
        await offering;
        Assert.False(offer.Timeline.Cold);
    }

    [Fact]
    public async Task Warm_CannotBeRunHere_SaysWhy()
    {
        var image = SlotHarness.Function("image", image: "none:such");
        Assert.Equal("PullFailed: no driver on this runner runs such images", (await Warmer.WarmAsync(image, Two, Cancel)).Failure);
        var large = SlotHarness.Function("large", memoryMiB: 64 * 1024);
        Assert.StartsWith("MemoryAboveBudget: ", (await Warmer.WarmAsync(large, Two, Cancel)).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warm_RunnerDrains_SaysSo()
    {
        _seam.Drain();
        Assert.Equal(new WarmState { Ready = 0, Draining = true }, await Warmer.WarmAsync(_seam.Function, Two, Cancel));
    }

    private protected abstract Task<ISeam> CreateAsync();
}

/// <summary>The suite against the engine in this process.</summary>
public sealed class EngineWarmTests : WarmConformance
{
    private protected override Task<ISeam> CreateAsync() => Task.FromResult<ISeam>(EngineSeam.Direct());
}

/// <summary>The suite through the gateway's HTTP client, a real Kestrel and the runner's endpoints.</summary>
public sealed class EngineOverHttpWarmTests : WarmConformance
{
    private protected override async Task<ISeam> CreateAsync() => await EngineSeam.OverHttpAsync();
}
