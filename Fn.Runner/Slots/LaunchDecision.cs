namespace Fn.Runner.Slots;

/// <summary>What the launch rule says.</summary>
/// <param name="Start">How many containers to ask for now.</param>
/// <param name="PredictedWait">How long the last of the waiting calls would wait for the containers there are.</param>
/// <param name="FlipsAfter">When the rule says otherwise although nothing happened, because the oldest call went on running; null: never.</param>
internal readonly record struct LaunchDecision(int Start, TimeSpan PredictedWait, TimeSpan? FlipsAfter);
