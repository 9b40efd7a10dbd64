namespace Fn.ServiceDefaults.Contracts;

/// <summary>How many idle containers were ended.</summary>
public sealed record EvictedCount(int Evicted);
