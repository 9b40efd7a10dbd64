using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner.Containers;

/// <summary>Limits of a container's life: <c>Fn:Containers</c>.</summary>
internal sealed class ContainerOptions
{
    public const string Section = "Fn:Containers";

    /// <summary>Longest time to get an image. Default: 10 min. Range: 1 s to 1 h.</summary>
    [Duration("1s", "1h")]
    public TimeSpan PullTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time for the driver to create a container. Default: 30 s. Range: 100 ms to 10 min.</summary>
    [Duration("100ms", "10m")]
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time from a container's start until it is ready. Default: 5 s. Range: 100 ms to 10 min.</summary>
    [Duration("100ms", "10m")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The directory under which containers' socket directories are made. Default: null, the system's directory for temporary files.</summary>
    public string? SocketRoot { get; set; }

    /// <summary>A container that became ready less than this ago is not taken from a function that is using it. Default: 1 s. Range: 0 s to 1 min.</summary>
    [Duration("0s", "1m")]
    public TimeSpan MinResidency { get; set; } = TimeSpan.FromSeconds(1);
}
