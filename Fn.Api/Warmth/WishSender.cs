using System.Text.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>Asks runners, several at once but not all.</summary>
internal sealed class WishSender(HotFunctions functions, TimeProvider time) : IDisposable
{
    private const int MostAtOnce = 16;

    /// <summary>How much longer than it may wait a runner may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Asks a runner, and notes its answer. Rings when that is over, if somebody may wait for it. Never throws.</summary>
    public Task AskAsync(Wish wish, WarmWish what, CancellationToken stop)
    {
        var asking = AskOnAsync(wish, what, stop);
        // Not within it: whoever hears of it looks whether it is over.
        _ = RingAsync(asking);
        return asking;
    }

    public void Dispose() => _places.Dispose();

    private async Task RingAsync(Task<bool> asking)
    {
        if (await asking)
            functions.Changed.Ring();
    }

    /// <summary>Returns whether somebody may wait for it.</summary>
    private async Task<bool> AskOnAsync(Wish wish, WarmWish what, CancellationToken stop)
    {
        wish.IsNoted = false;
        using var enough = new CancellationTokenSource(what.Wait + Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, enough.Token);
        // One that waits for containers to start is let out of the count: others must not wait for it.
        var counts = what.Wait == TimeSpan.Zero;
        WarmState? state = null;
        try
        {
            if (counts)
                await _places.WaitAsync(both.Token);
            try
            {
                state = await AskAsync(wish, what, both);
            }
            finally
            {
                if (counts)
                    _places.Release();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            // Not reached: that there is no state says so.
        }
        wish.State = state;
        return !counts || state is null;
    }

    private static async Task<WarmState?> AskAsync(Wish wish, WarmWish what, CancellationTokenSource limit)
    {
        if (wish.Runner.Runner is not IRunnerWarmer warmer || !wish.Runner.TryUse())
            return null;
        try
        {
            return await warmer.WarmAsync(wish.Function, what, limit.Token);
        }
        finally
        {
            wish.Runner.EndUse();
        }
    }
}
