using System.ComponentModel.DataAnnotations;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner.Containers;

/// <summary>Limits of a container's life: <c>Fn:Containers</c>.</summary>
internal sealed class ContainerOptions
{
    public const string Section = "Fn:Containers";

    /// <summary>Longest time to get an image. Default: 10 min. Range: 1 s to 1 h.</summary>
    [Duration("1s", "1h")]
    public TimeSpan PullTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time for the driver to create a container, and again to start it. Default: 30 s. Range: 100 ms to 10 min.</summary>
    [Duration("100ms", "10m")]
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time until a container that was started is ready. Default: 5 s. Range: 100 ms to 10 min.</summary>
    [Duration("100ms", "10m")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether containers' files are read-only, but for <c>/tmp</c>. Default: true.</summary>
    public bool ReadOnlyRoot { get; set; } = true;

    /// <summary>Most processes and threads in a container. Default: 50. Range: 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxProcesses { get; set; } = 50;

    /// <summary>Most files that a process in a container may have open. Default: 350. Range: 10 to 1,000,000.</summary>
    [Range(10, 1_000_000)]
    public int MaxOpenFiles { get; set; } = 350;

    /// <summary>
    /// Most processors that a container may use at once, 0.5 for a half. Default: null, all that others leave it: where all are busy, containers share them in
    /// proportion to their memory. Range: 0.01 to 10,000.
    /// </summary>
    [Range(0.01, 10_000)]
    public double? Cpus { get; set; }

    /// <summary>The directory under which containers' socket directories are made. Default: null, the system's directory for temporary files.</summary>
    public string? SocketRoot { get; set; }

    /// <summary>A container that became ready less than this ago is not taken from a function that is using it. Default: 1 s. Range: 0 s to 1 min.</summary>
    [Duration("0s", "1m")]
    public TimeSpan MinResidency { get; set; } = TimeSpan.FromSeconds(1);
}
