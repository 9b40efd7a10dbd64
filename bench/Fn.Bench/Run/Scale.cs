using Fn.Bench.Cold;

namespace Fn.Bench.Run;

/// <summary>How much is measured: as much as is worth believing, or what fits into two minutes.</summary>
internal sealed record Scale
{
    public static readonly Scale Full = new()
    {
        Rounds = 5,
        Seconds = 3,
        WarmUpSeconds = 4,
        MostWarmUps = 12,
        BodyRounds = 5,
        SweepRounds = 3,
        Cold = ColdScale.Full,
        HotContainers = [100, 500],
        MemoryReadings = 3,
        Settling = TimeSpan.FromSeconds(30),
    };

    public static readonly Scale Quick = new()
    {
        Rounds = 1,
        Seconds = 1,
        WarmUpSeconds = 1,
        MostWarmUps = 1,
        BodyRounds = 1,
        SweepRounds = 1,
        Cold = new ColdScale(2, 3, ["crun"], 0, Thousand: false),
        HotContainers = [100],
        MemoryReadings = 1,
        Settling = TimeSpan.FromSeconds(4),
    };

    /// <summary>How often both sides of a ratio run.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long each runs in a round.</summary>
    public required int Seconds { get; init; }

    /// <summary>How long each is called with each number of clients, or size of bodies, before anything counts: what is called often is compiled again meanwhile.</summary>
    public required int WarmUpSeconds { get; init; }

    /// <summary>How often each side of hot calls is called for so long at most, until it gets no faster.</summary>
    public required int MostWarmUps { get; init; }

    public required int BodyRounds { get; init; }

    public required int SweepRounds { get; init; }

    public required ColdScale Cold { get; init; }

    /// <summary>How many containers are kept while memory is read, one after the other.</summary>
    public required IReadOnlyList<int> HotContainers { get; init; }

    /// <summary>How many readings of memory have to be alike, with each number of them.</summary>
    public required int MemoryReadings { get; init; }

    /// <summary>How long nothing happens before threads are counted. The thread pool lets a thread go that had nothing to do for 20 s.</summary>
    public required TimeSpan Settling { get; init; }
}
