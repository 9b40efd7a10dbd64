namespace Fn.Api.Placement;

/// <summary>A function's idle containers on one runner.</summary>
/// <param name="Count">All of them.</param>
/// <param name="Spare">Those that are not to be kept: the least recently used.</param>
/// <param name="Oldest">When the least recently used became idle; <see cref="long.MaxValue"/> without one.</param>
internal readonly record struct IdleSight(int Count, int Spare, long Oldest);
