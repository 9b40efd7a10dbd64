using System.Threading.Channels;
using Fn.Api.Runners;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Slots;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fn.Tests.Runner.Seam;

/// <summary>The real engine over containers that are the test's, called directly or through HTTP client, real Kestrel and endpoints.</summary>
internal sealed class EngineSeam : ISeam
{
    private const int BudgetMiB = 8 * 1024;

    private readonly Channel<EngineSeamCall> _taken = Channel.CreateUnbounded<EngineSeamCall>();
    // A client that leaves ends its call at once: the clock stands still.
    private readonly SlotHarness _harness = new(BudgetMiB, calls: new CallOptions { AbandonedGrace = TimeSpan.Zero }, threads: true);
    private LoopbackServer? _server;
    private EngineSeamCall? _filling;
    private Task<OfferOutcome>? _filled;
    private int _executions;

    private EngineSeam()
    {
        _harness.Hot.OnSend = OnSend;
        Runner = _harness.Engine;
    }

    public IRunner Runner { get; private set; }

    public FunctionSpec Function { get; } = Samples.Function(image: "fake:image");

    public int Executions => Volatile.Read(ref _executions);

    public static EngineSeam Direct() => new();

    public static async Task<EngineSeam> OverHttpAsync()
    {
        var seam = new EngineSeam();
        seam._server = await ScriptedSeam.ServeAsync(seam._harness.Engine);
        seam.Runner = new HttpRunner(seam._server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance);
        return seam;
    }

    public async Task FillAsync()
    {
        var all = SlotHarness.Function("all", BudgetMiB);
        _filled = _harness.Engine.OfferAsync(SlotHarness.Offer(_harness.Time, all, wait: null), CancellationToken.None).AsTask();
        _filling = await _taken.Reader.ReadAsync();
        Interlocked.Decrement(ref _executions);
    }

    public async Task MakeRoomAsync()
    {
        // Its container goes, and with it its memory.
        _filling!.Fail(new CallFailure(CallError.AnswerBroken));
        await _filled!;
        await _harness.Background.WhenIdleAsync();
    }

    public void Drain() => _ = _harness.Engine.DrainAsync();

    public async ValueTask<ISeamCall> NextCallAsync(CancellationToken cancel) => await _taken.Reader.ReadAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            ((IDisposable)Runner).Dispose();
            await _server.DisposeAsync();
        }
        await _harness.Engine.StopAsync();
        _harness.Dispose();
    }

    private async ValueTask<ExchangeOutcome> OnSend(ExchangeRequest request, FakeChannel channel, CancellationToken cancel)
    {
        Interlocked.Increment(ref _executions);
        var call = new EngineSeamCall(request.Call, channel, cancel);
        channel.Reusable = false;
        _taken.Writer.TryWrite(call);
        return await call.Outcome;
    }
}
