using System.ComponentModel.DataAnnotations;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner;

/// <summary>Settings of the runner itself: <c>Fn:Runner</c>.</summary>
internal sealed class RunnerOptions
{
    public const string Section = "Fn:Runner";

    /// <summary>Bytes that containers may use together. Default: null, the cgroup's limit or the machine's memory less <see cref="MemoryReserve"/>. Range: 16 MiB to 1 PiB.</summary>
    [Bytes("16MiB", "1PiB")]
    public long? Memory { get; set; }

    /// <summary>Bytes left to the runner and the system when <see cref="Memory"/> is not given. Default: null, a tenth of what is found, at least 256 MiB, at most 5 GiB.</summary>
    [Bytes("0", "1PiB")]
    public long? MemoryReserve { get; set; }

    /// <summary>How many runners share this machine: each gets its part of the memory found. Default: 1. Range: 1 to 1000.</summary>
    [Range(1, 1000)]
    public int Instances { get; set; } = 1;

    /// <summary>Most containers being started at once. Default: null, two for each processor. Range: 1 to 1000.</summary>
    [Range(1, 1000)]
    public int? MaxStarts { get; set; }

    /// <summary>What runs images that are not <c>process:</c>. Default: <see cref="ContainerDriverKind.Auto"/>.</summary>
    public ContainerDriverKind ContainerDriver { get; set; }

    /// <summary>Whether functions may run where their memory or processes cannot be limited. Default: false, such a machine runs none.</summary>
    public bool AllowUnlimited { get; set; }

    /// <summary>Whether containers run as the user that their image names. Default: false, all run as 1000:1000.</summary>
    public bool UseImageUser { get; set; }

    /// <summary>Directories under which the files of <c>process:</c> images must lie. Relative ones are below the content root. Default: none, so no process image runs.</summary>
    public IList<string> ProcessRoots { get; set; } = [];

    /// <summary>What people call this runner, in the list of runners and when it is to be drained. Default: null, the machine's name.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// Where gateways are told to reach this runner: <c>http://HOST:PORT</c>. Default: null, the address it listens on if that names a host, else the machine's
    /// first address that is not loopback, with the port it listens on.
    /// </summary>
    public string? AdvertiseAddress { get; set; }

    /// <summary>How long a stopping runner waits for the calls it runs. Default: 30 s. Range: 0 s to 1 h.</summary>
    [Duration("0s", "1h")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
