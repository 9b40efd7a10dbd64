namespace Fn.Runner.Eviction;

/// <summary>An idle container that could be stopped to free its memory.</summary>
/// <param name="IdleSince">Timestamp (TimeProvider) of its last use.</param>
/// <param name="Bytes">Memory it holds.</param>
/// <param name="StartTime">What starting it again is expected to take.</param>
/// <param name="Calls">Calls it has served.</param>
/// <param name="WithinFloor">Whether its function is to keep so many containers that this is one of them.</param>
internal readonly record struct EvictionCandidate(long IdleSince, long Bytes, TimeSpan StartTime, long Calls, bool WithinFloor = false);
