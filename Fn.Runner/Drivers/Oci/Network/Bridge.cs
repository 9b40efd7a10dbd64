using System.Text;
using Fn.Runner.Linux;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>The bridge of a runner, and the addresses of its containers.</summary>
/// <param name="name">Its name.</param>
/// <param name="block">Its addresses, the host's own among them.</param>
/// <param name="claim">Keeps other runners from these.</param>
/// <param name="host">The network namespace that it is in.</param>
internal sealed class Bridge(string name, Ipv4Block block, BlockClaim claim, SafeFileHandle host) : IDisposable
{
    /// <summary>How the bridges of all runners begin.</summary>
    public const string NamePrefix = "fn-";

    /// <summary>As many characters as an interface's name may have besides the prefix.</summary>
    private const int IdLength = 12;

    public string Name { get; } = name;

    public Ipv4Block Block { get; } = block;

    /// <summary>The network namespace that it is in.</summary>
    public SafeFileHandle Host { get; } = host;

    public AddressBook Addresses { get; } = new(block);

    /// <summary>The name of a runner's bridge: by the end of its id, which is the part of it that is by chance.</summary>
    public static string NameOf(string runnerId)
    {
        var digits = new StringBuilder();
        foreach (var character in runnerId.Where(char.IsAsciiLetterOrDigit))
            digits.Append(character);
        return NamePrefix + digits.ToString(Math.Max(0, digits.Length - IdLength), Math.Min(digits.Length, IdLength));
    }

    /// <summary>Removes the bridge and gives up its addresses. Its rules have to be gone already.</summary>
    public void Dispose()
    {
        try
        {
            using var socket = RouteSocket.Open();
            socket.Remove(Name);
        }
        catch (IOException)
        {
            // Removed at the runner's next start.
        }
        Host.Dispose();
        claim.Dispose();
    }
}
