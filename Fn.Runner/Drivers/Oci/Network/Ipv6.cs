namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>Turns IPv6 off where containers are: nothing of it is filtered, and each interface would have an address by itself.</summary>
internal static class Ipv6
{
    /// <summary>The name that stands for interfaces to come.</summary>
    public const string ToCome = "default";

    /// <summary>For an interface of this thread's network namespace.</summary>
    public static void TurnOff(string name)
    {
        var file = $"/proc/sys/net/ipv6/conf/{name}/disable_ipv6";
        // Not there: the kernel has no IPv6 at all.
        if (File.Exists(file))
            File.WriteAllText(file, "1");
    }
}
