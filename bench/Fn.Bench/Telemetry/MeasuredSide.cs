using Fn.Bench.Run;

namespace Fn.Bench.Telemetry;

/// <summary>An installation that tells what it does in one way, its function, the bench's echo, and a receiver of its own.</summary>
internal sealed class MeasuredSide : IAsyncDisposable
{
    private const int Clients = 16;
    private const int MemoryMiB = 32;
    private const int LeastWarmUps = 5;
    private const int MostWarmUps = 30;

    private static readonly TimeSpan WarmUpRound = TimeSpan.FromSeconds(1);

    // Long enough for an export of each kind, but for metrics, which are sent once a minute.
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);

    private readonly OtlpSink _sink;
    private Platform? _platform;
    private Uri _function = null!;
    private long _calls;

    private MeasuredSide(OtlpSink sink) => _sink = sink;

    /// <summary>Bytes of traces for each call since the start, once it has stopped.</summary>
    public double BytesPerCall => _sink.Bytes / (double)_calls;

    public static async Task<MeasuredSide> StartAsync(Func<string, string[]> settings, Func<string[], Task<Platform>> start, CancellationToken cancel)
    {
        var side = new MeasuredSide(await OtlpSink.StartAsync());
        try
        {
            side._platform = await start(settings(side._sink.Address));
            side._function = (await side._platform.CreateAsync(1, MemoryMiB, cancel))[0];
            return side;
        }
        catch
        {
            await side.DisposeAsync();
            throw;
        }
    }

    public Task WarmUpAsync(CancellationToken cancel) =>
        WarmUp.UntilSteadyAsync(async () => (await LoopAsync(WarmUpRound, cancel)).CallsPerSecond, LeastWarmUps, MostWarmUps);

    public Task<LoopFigures> CallAsync(CancellationToken cancel) => LoopAsync(Round, cancel);

    /// <summary>Ends the processes, which send what they still have; the receiver stays.</summary>
    public async ValueTask StopAsync()
    {
        if (_platform is { } platform)
            await platform.DisposeAsync();
        _platform = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _sink.DisposeAsync();
    }

    private async Task<LoopFigures> LoopAsync(TimeSpan time, CancellationToken cancel)
    {
        var figures = await ClosedLoop.RunAsync(Clients, time, CallOnceAsync, cancel);
        _calls += figures.Calls;
        return figures;
    }

    private async Task CallOnceAsync(CancellationToken cancel)
    {
        if (!await _platform!.CallAsync(_function, cancel))
            throw new BenchException("A call was not answered as it should be.");
    }
}
