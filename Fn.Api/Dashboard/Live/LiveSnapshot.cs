namespace Fn.Api.Dashboard.Live;

// Public, as all that components show or are given: the Razor compiler makes components public.

/// <summary>What everybody who looks at the dashboard sees at one moment. Made once, however many look. Immutable.</summary>
/// <param name="Cluster">The runners and what is hot on them.</param>
/// <param name="Calls">What became of calls lately.</param>
/// <param name="Definitions">Counts the changes of apps and functions.</param>
public sealed record LiveSnapshot(ClusterSight Cluster, CallsSight Calls, long Definitions);

/// <summary>The runners and what is hot on them.</summary>
/// <param name="Runners">All runners, by name.</param>
/// <param name="Hot">The containers of each function that has any, on all runners.</param>
/// <param name="Connected">Whether the registry is reached; if not, this is what was known last.</param>
public sealed record ClusterSight(IReadOnlyList<RunnerCard> Runners, IReadOnlyDictionary<string, HotCounts> Hot, bool Connected);

/// <summary>A runner as it was heard of last.</summary>
public sealed record RunnerCard
{
    /// <summary>Its id; its address when it does not report.</summary>
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    /// <summary>False: told of by configuration, and nothing is known of what it has.</summary>
    public required bool Reports { get; init; }

    public bool Draining { get; init; }

    /// <summary>Not heard of for so long that it may be dead.</summary>
    public bool Silent { get; init; }

    public DateTimeOffset HeardAt { get; init; }

    /// <summary>Bytes that containers may use together.</summary>
    public long Memory { get; init; }

    /// <summary>Bytes reserved.</summary>
    public long Reserved { get; init; }

    public int Starting { get; init; }

    public int MaxStarts { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    public int Waiting { get; init; }

    /// <summary>Calls that were taken and are not over.</summary>
    public int Calls { get; init; }

    /// <summary>What is hot, the most recently used first.</summary>
    public IReadOnlyList<HotPool> Pools { get; init; } = [];

    /// <summary>Whether both show the same.</summary>
    public bool LooksLike(RunnerCard other) => this with { Pools = other.Pools } == other && Pools.SequenceEqual(other.Pools);
}

/// <summary>A function's containers of one revision on one runner.</summary>
public sealed record HotPool
{
    public required string Revision { get; init; }

    public required string FunctionId { get; init; }

    /// <summary>App and function; the id when the function is not there any more.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of one container.</summary>
    public required long Memory { get; init; }

    public required HotCounts Counts { get; init; }

    /// <summary>Calls that wait for a slot.</summary>
    public int Waiting { get; init; }

    /// <summary>Milliseconds that a run takes; null: not known yet.</summary>
    public double? Service { get; init; }

    /// <summary>Milliseconds that a start takes.</summary>
    public double Start { get; init; }

    /// <summary>For idle containers: which it is, and until when it is kept. The one that goes first first; at most as many as runners list.</summary>
    public IReadOnlyList<IdleContainer> Idle { get; init; } = [];
}

/// <summary>An idle container.</summary>
/// <param name="Key">Tells it from others of its pool, and stays the same while it is idle.</param>
/// <param name="Kept">Whether it is one of those that are kept although nobody calls; then it has no end.</param>
/// <param name="Until">When it is ended if no call comes; null: never, or the idle timeout is not known.</param>
/// <param name="Timeout">How long it may be idle, in all.</param>
public sealed record IdleContainer(IdleKey Key, bool Kept, DateTimeOffset? Until, TimeSpan Timeout);

/// <summary>Which of a pool's idle containers it is. Several may have become idle in the same millisecond.</summary>
/// <param name="Since">Milliseconds of the runner's uptime when it became idle.</param>
/// <param name="Among">Its number among those of the same millisecond, from 0.</param>
public readonly record struct IdleKey(long Since, int Among);

/// <summary>How many containers there are in each state.</summary>
public sealed record HotCounts(int Idle, int Busy, int Starting)
{
    public static readonly HotCounts None = new(0, 0, 0);

    public int All => Idle + Busy + Starting;

    public static HotCounts operator +(HotCounts one, HotCounts other) => new(one.Idle + other.Idle, one.Busy + other.Busy, one.Starting + other.Starting);

    public static HotCounts Add(HotCounts left, HotCounts right) => left + right;
}
