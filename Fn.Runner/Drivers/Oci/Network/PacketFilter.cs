using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The machine's packet filter, by the programs of iptables: two or three processes when a runner starts, and when it stops. Errors are texts; null: none.</summary>
internal static class PacketFilter
{
    private const string SaveProgram = "iptables-save";
    private const string RestoreProgram = "iptables-restore";
    private const string LockSeconds = "10";

    /// <summary>What is missing of the programs.</summary>
    public static string? FindMissing() =>
        ((string[])[SaveProgram, RestoreProgram]).FirstOrDefault(program => RuntimeProgram.FindOnPath(program) is null) is { } missing ? $"{missing} is not on PATH (package iptables)" : null;

    public static Task<string?> AddAsync(string rules, ChildWatch children) => RestoreAsync(rules, children);

    /// <summary>Removes the rules of these bridges.</summary>
    public static async Task<string?> RemoveAsync(IReadOnlyCollection<string> bridges, ChildWatch children)
    {
        if (FindMissing() is { } missing)
            return missing;
        var (code, output) = await Command.RunAsync([RuntimeProgram.FindOnPath(SaveProgram)!], children);
        if (code != 0)
            return $"{SaveProgram} ended with exit code {code}: {output}";
        return ForwardingRules.Remove(output, bridges) is { } removal ? await RestoreAsync(removal, children) : null;
    }

    private static async Task<string?> RestoreAsync(string rules, ChildWatch children)
    {
        var (code, output) = await Command.RunAsync([RuntimeProgram.FindOnPath(RestoreProgram)!, "--noflush", "--wait", LockSeconds], children, rules);
        return code == 0 ? null : $"{RestoreProgram} ended with exit code {code}: {output}";
    }
}
