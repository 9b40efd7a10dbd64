namespace Fn.Runner.Drivers.Oci.Network;

/// <summary>
/// The addresses for containers of a block: all but the first (the block's name), the second (the host's own) and the last (broadcast). One that was given back
/// comes last, so that what is still on its way to a container that is gone finds nobody for as long as can be. Thread-safe.
/// </summary>
internal sealed class AddressBook(Ipv4Block block)
{
    private readonly Lock _lock = new();
    private readonly Queue<uint> _used = new();
    private uint _next = block.Gateway + 1;

    /// <summary>Null when all are taken.</summary>
    public uint? TryTake()
    {
        lock (_lock)
        {
            if (_next < block.Last)
                return _next++;
            return _used.TryDequeue(out var address) ? address : null;
        }
    }

    public void GiveBack(uint address)
    {
        lock (_lock)
            _used.Enqueue(address);
    }
}
