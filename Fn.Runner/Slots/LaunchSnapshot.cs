namespace Fn.Runner.Slots;

/// <summary>All that the launch rule looks at.</summary>
internal readonly record struct LaunchSnapshot
{
    /// <summary>Calls that wait for a slot.</summary>
    public required int Waiting { get; init; }

    /// <summary>Containers that have been ready: idle or busy.</summary>
    public required int Ready { get; init; }

    /// <summary>Containers asked for or being started.</summary>
    public required int Starting { get; init; }

    /// <summary>Decayed mean of finished runs; null before the first.</summary>
    public required TimeSpan? Service { get; init; }

    /// <summary>Age of the oldest running call; null when none runs.</summary>
    public required TimeSpan? OldestRunning { get; init; }

    /// <summary>For how long calls have been waiting without a break, with the containers there are; null: that is not known.</summary>
    public TimeSpan? Lasting { get; init; }

    /// <summary>How many containers the free memory has room for.</summary>
    public int Room { get; init; }

    /// <summary>What a start is expected to take, with the expected wait for the start budget.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>Most starts of the function at once: 1 for the first, then growing.</summary>
    public required int Step { get; init; }

    /// <summary>For how long at most <see cref="Step"/> is kept down, because containers of the function do not or may not help; null: it is not.</summary>
    public TimeSpan? Held { get; init; }

    /// <summary>Most containers the function asks to have; null: no limit.</summary>
    public required int? Max { get; init; }
}
