using System.Text;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>
/// What a bridge needs of the machine's packet filter, as <c>iptables-restore --noflush</c> reads it. Each rule names the bridge, so what is in force is found by
/// that name. What keeps others out comes before all other rules; what lets containers out comes after, so the machine's own rules are heard first.
/// </summary>
internal static class ForwardingRules
{
    /// <summary>The rules of a bridge.</summary>
    /// <param name="bridge">Its name, which begins as those of all runners do.</param>
    /// <param name="block">Its addresses.</param>
    /// <param name="closed">Whether nothing else is to be forwarded, because nothing was until now.</param>
    public static string Add(string bridge, Ipv4Block block, bool closed) => string.Join('\n', (string[])[
        "*nat",
        $"-A POSTROUTING -s {block} ! -o {bridge} -j MASQUERADE",
        "COMMIT",
        "*filter",
        .. closed ? [":FORWARD DROP [0:0]"] : Array.Empty<string>(),
        // Each goes before the one above it.
        $"-I FORWARD -o {bridge} -j DROP",
        $"-I FORWARD -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        $"-A FORWARD -i {bridge} ! -o {Bridge.NamePrefix}+ -j ACCEPT",
        "COMMIT",
        ""]);

    /// <summary>What removes all rules that name one of these bridges; null when there is none.</summary>
    /// <param name="saved">All that is in force, as <c>iptables-save</c> writes it.</param>
    /// <param name="bridges">The names.</param>
    public static string? Remove(string saved, IReadOnlyCollection<string> bridges)
    {
        var removal = new StringBuilder();
        string? table = null;
        foreach (var line in saved.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '*')
                table = line;
            if (table is null || !line.StartsWith("-A ", StringComparison.Ordinal) || !line.Split(' ').Any(bridges.Contains))
                continue;
            // A table begins where the one before it ends.
            removal.Append(table).Append("\n-D ").Append(line.AsSpan(3)).Append("\nCOMMIT\n");
        }
        return removal.Length == 0 ? null : removal.ToString();
    }
}
