using Fn.Api.Placement;
using Fn.Runner;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Warmth;

/// <summary>
/// Has runners keep containers of the functions that ask for it, and warms a new revision of such a function before its calls go there. Each gateway does so by
/// itself: from the same view they come to the same wishes, and a wish made twice is one. Without such a function it waits for the store to tell of one.
/// </summary>
internal sealed partial class HotKeeper(
    HotFunctions functions, WarmRevisions revisions, ClusterView view, WishSender sender, TimeProvider time, ILogger<HotKeeper> logger) : BackgroundService
{
    /// <summary>How long a wish holds that nobody renews.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>How often wishes are renewed.</summary>
    public static readonly TimeSpan Renewal = Lease / 3;

    /// <summary>How long a wish goes on holding after the last call that was meant for it may have been resolved.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    /// <summary>How long a runner that could not be reached is given nothing to keep.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // What nobody tells of: runners that fall silent, wishes that are due, limits that are over.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, KeptFunction> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<(RunnerView Runner, string Revision), Wish> _wishes = [];
    private readonly Dictionary<RunnerView, (long Until, string? Epoch)> _away = [];
    private Task _woken = Task.CompletedTask;
    private bool _saidFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
                _saidFailed = false;
                await WaitAsync(_kept.Count + _wishes.Count == 0 ? Timeout.InfiniteTimeSpan : Tick, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // A store that is away must not end the keeping; what is kept goes on by itself for a while.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!_saidFailed)
                    Log.Failed(logger, e);
                _saidFailed = true;
                await Task.Delay(Tick, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await Task.WhenAll(_wishes.Values.Select(wish => wish.Asking));
    }

    /// <summary>Looks at what has changed, and asks for what is due.</summary>
    internal async Task StepAsync(CancellationToken stop)
    {
        Update(await functions.ReadAsync(stop));
        foreach (var wish in _wishes.Values)
            Note(wish);
        Decide();
        var plan = Plan();
        foreach (var (key, wanted) in plan)
            Ask(key, wanted, stop);
        foreach (var (key, wish) in _wishes.Where(wish => !plan.ContainsKey(wish.Key) && wish.Value.Asking.IsCompleted).ToList())
            LetGo(key, wish, stop);
    }

    private async Task WaitAsync(TimeSpan atMost, CancellationToken stop)
    {
        // One at a time: each leaves something behind with a task that may be there for days.
        if (_woken.IsCompleted)
            _woken = Task.WhenAny(functions.Changed.WaitAsync(), view.Joined);
        try
        {
            await _woken.WaitAsync(atMost, time, stop);
        }
        catch (TimeoutException)
        {
            // Time for what nobody tells of.
        }
    }

    private void Update(IReadOnlyDictionary<string, FunctionSpec> current)
    {
        foreach (var id in _kept.Keys.Where(id => !current.ContainsKey(id)).ToList())
        {
            _kept.Remove(id);
            revisions.Remove(id);
        }
        foreach (var (id, function) in current)
        {
            if (!_kept.TryGetValue(id, out var kept))
            {
                _kept.Add(id, new KeptFunction(function));
                revisions.Set(function);
                continue;
            }
            var before = kept.Warm;
            if (kept.Update(function, time.GetTimestamp()))
                Log.Warming(logger, id);
            if (!ReferenceEquals(before, kept.Warm))
                revisions.Set(kept.Warm);
        }
    }

    /// <summary>Looks at what a runner has answered.</summary>
    private void Note(Wish wish)
    {
        if (wish.IsNoted || !wish.Asking.IsCompleted)
            return;
        wish.IsNoted = true;
        if (wish.State is null or { Draining: true })
        {
            if (wish.State is null && !IsAway(wish.Runner))
                Log.NotReached(logger, wish.Runner.Runner.Name, Pause.TotalSeconds);
            _away[wish.Runner] = (time.Add(time.GetTimestamp(), Pause), wish.Epoch);
            return;
        }
        var failure = wish.State.Failure;
        if (failure is not null && failure != wish.ToldFailure)
            Log.NotKept(logger, wish.Runner.Runner.Name, wish.Function.FunctionId, failure);
        wish.ToldFailure = failure;
    }

    /// <summary>Has calls go to new revisions that are warm, do not start, or take too long.</summary>
    private void Decide()
    {
        foreach (var (id, kept) in _kept)
        {
            if (kept is not { Next: { } next, NextWished: { } wished })
                continue;
            var wishes = _wishes.Where(wish => wish.Key.Revision == next.Revision).Select(wish => wish.Value).ToList();
            var (ready, took) = (wishes.Sum(wish => wish.Ready), time.GetElapsedTime(kept.NextSince));
            var verdict = WarmUpdateRule.Decide(wished, ready, wishes.Exists(wish => wish.Failed), took);
            if (verdict == WarmUpdateVerdict.Wait)
                continue;
            if (verdict == WarmUpdateVerdict.Ready)
                Log.Warm(logger, id, ready, (long)took.TotalMilliseconds);
            else
                Log.NotWarm(logger, id, ready, wished, verdict, (long)took.TotalMilliseconds);
            kept.Switch();
            revisions.Set(kept.Warm);
        }
    }

    /// <summary>Who is to keep how many of what. New revisions come after all that calls go to.</summary>
    private Dictionary<(RunnerView Runner, string Revision), Wanted> Plan()
    {
        var plan = new Dictionary<(RunnerView, string), Wanted>();
        if (_kept.Count == 0)
            return plan;
        RunnerView[] runners = [.. view.Runners.Where(runner => !IsAway(runner) && !view.IsSilent(runner) && runner.Record is null or { Draining: false })];
        ulong[] hashes = [.. runners.Select(runner => runner.Hash)];
        long[] left = [.. runners.Select(runner => runner.Record?.Memory ?? long.MaxValue)];
        foreach (var kept in _kept.Values)
            Give(kept.Warm, isNext: false);
        foreach (var kept in _kept.Values)
        {
            if (kept.Next is { } next)
                kept.NextWished = Give(next, isNext: true);
        }
        return plan;

        int Give(FunctionSpec function, bool isNext)
        {
            var shares = FloorPlan.Spread(Rendezvous.Hash(function.FunctionId), function.MinHot, function.MemoryBytes, hashes, left);
            for (var i = 0; i < shares.Length; i++)
            {
                if (shares[i] > 0)
                    plan[(runners[i], function.Revision)] = new Wanted(function, shares[i], isNext);
            }
            return shares.Sum();
        }
    }

    private void Ask((RunnerView Runner, string Revision) key, Wanted wanted, CancellationToken stop)
    {
        var now = time.GetTimestamp();
        var epoch = key.Runner.Record?.Epoch;
        var isNew = !_wishes.TryGetValue(key, out var wish);
        if (isNew)
            _wishes.Add(key, wish = new Wish(key.Runner) { Function = wanted.Function });
        else if (!wish!.Asking.IsCompleted)
            return;
        var isDue = isNew || wish.IsLeaving || wish.Count != wanted.Count || wish.Epoch != epoch || time.GetElapsedTime(wish.AskedAt, now) >= Renewal;
        // Somebody waits for it: it is asked again as soon as it has answered that it is not there yet.
        var isAwaited = wanted.IsNext && wish.Ready < wanted.Count && !wish.Failed;
        if (!isDue && !isAwaited)
            return;
        (wish.Function, wish.Count, wish.AskedAt, wish.Epoch, wish.IsLeaving) = (wanted.Function, wanted.Count, now, epoch, false);
        wish.Asking = sender.AskAsync(wish, new WarmWish(wanted.Count, Lease, wanted.IsNext ? LongestWait : TimeSpan.Zero), stop);
    }

    /// <summary>
    /// What is not wished any more is held for a moment: calls that were resolved to the revision before may be on their way to the containers.
    /// </summary>
    private void LetGo((RunnerView Runner, string Revision) key, Wish wish, CancellationToken stop)
    {
        if (wish.IsLeaving || IsAway(wish.Runner) || !view.Runners.Contains(wish.Runner))
        {
            _wishes.Remove(key);
            return;
        }
        wish.IsLeaving = true;
        wish.Asking = sender.AskAsync(wish, new WarmWish(wish.Count, Linger), stop);
    }

    private bool IsAway(RunnerView runner)
    {
        if (!_away.TryGetValue(runner, out var away))
            return false;
        if (time.GetTimestamp() < away.Until && runner.Record?.Epoch == away.Epoch)
            return true;
        _away.Remove(runner);
        return false;
    }

    private readonly record struct Wanted(FunctionSpec Function, int Count, bool IsNext);
}
