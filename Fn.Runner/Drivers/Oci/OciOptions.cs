using System.ComponentModel.DataAnnotations;
using Fn.Runner.Drivers.Oci.Network;
using Fn.ServiceDefaults.Configuration;

namespace Fn.Runner.Drivers.Oci;

/// <summary>Containers by an OCI runtime, and the images for it: <c>Fn:Oci</c>.</summary>
internal sealed class OciOptions
{
    public const string Section = "Fn:Oci";

    /// <summary>The value of <see cref="Runtime"/> and <see cref="Init"/> for what is found.</summary>
    public const string Auto = "auto";

    /// <summary>The value of <see cref="Init"/> for nothing.</summary>
    public const string None = "none";

    /// <summary>The runtime: <c>auto</c> (crun, else runc), <c>crun</c>, <c>runc</c>, or the path of a program that takes the same arguments. Default: <c>auto</c>.</summary>
    public string Runtime { get; set; } = Auto;

    /// <summary>
    /// The program that runs as process 1 of each container and starts the function, a static one: <c>auto</c> (docker-init, tini-static or catatonit when
    /// there is one), <c>none</c>, or a path. Default: <c>auto</c>.
    /// </summary>
    public string Init { get; set; } = Auto;

    /// <summary>Directory of image archives: tar files as <c>docker save</c> writes them, OCI layouts as tar files or directories. Default: null, <c>images</c> in the data directory.</summary>
    public string? Archives { get; set; }

    /// <summary>Largest image, unpacked. Default: 10 GiB. Range: 1 MiB to 1 PiB.</summary>
    [Bytes("1MiB", "1PiB")]
    public long MaxImageSize { get; set; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Most files, directories and links in an image. Default: 500,000. Range: 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxImageFiles { get; set; } = 500_000;

    /// <summary>What unpacked images may take together before those least recently used go; what runs stays. Default: 20 GiB. Range: 0 to 1 PiB.</summary>
    [Bytes("0", "1PiB")]
    public long MaxStoreSize { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>The network that containers are in. Default: <see cref="ContainerNetworkKind.None"/>, loopback alone.</summary>
    public ContainerNetworkKind Network { get; set; }

    /// <summary>
    /// The addresses that containers on bridges have. Each runner of this machine takes a part that is free, of 1,021 containers, or the whole where it is smaller.
    /// Default: 10.199.0.0/16. Range: an IPv4 subnet from /8 to /29.
    /// </summary>
    public string Subnet { get; set; } = "10.199.0.0/16";

    /// <summary>The name servers of containers on a bridge, IPv4 addresses. Default: none, those of this machine that are not on its loopback.</summary>
    public IList<string> NameServers { get; set; } = [];

    /// <summary>How many networks are kept ready for containers that will be started on a bridge. Default: 4. Range: 0 to 1000.</summary>
    [Range(0, 1000)]
    public int PreparedNetworks { get; set; } = 4;
}
