using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>A runner that this gateway knows, and whether it is worth asking at the moment. Thread-safe.</summary>
/// <param name="key">What tells it from the others for as long as the gateway lives: its address.</param>
/// <param name="runner">The runner.</param>
/// <param name="time">The clock.</param>
internal sealed class RunnerEntry(string key, IRunner runner, TimeProvider time)
{
    private long _avoidedUntil = long.MinValue;

    public string Key { get; } = key;

    public IRunner Runner { get; } = runner;

    /// <summary>True while others are to be asked first.</summary>
    public bool IsAvoided => time.GetTimestamp() < Volatile.Read(ref _avoidedUntil);

    public void Avoid(TimeSpan span) => Volatile.Write(ref _avoidedUntil, time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency));
}
