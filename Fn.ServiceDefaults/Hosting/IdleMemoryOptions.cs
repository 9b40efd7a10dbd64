using Fn.ServiceDefaults.Configuration;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>What becomes of the memory that a process does not need while it does nothing: <c>Fn:IdleMemory</c>.</summary>
public sealed class IdleMemoryOptions
{
    public const string Section = "Fn:IdleMemory";

    /// <summary>Whether it is given back to the machine. Calls that come in that moment wait for it, some tens of milliseconds. Default: true.</summary>
    public bool GiveBack { get; set; } = true;

    /// <summary>How long nothing must have been done before that, at least. Default: 10 s. Range: 1 s to 24 h.</summary>
    [Duration("1s", "24h")]
    public TimeSpan After { get; set; } = TimeSpan.FromSeconds(10);
}
