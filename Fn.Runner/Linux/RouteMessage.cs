using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Fn.Runner.Linux;

/// <summary>One request to the kernel about its network (rtnetlink): a header, what it is about, attributes. In the machine's own byte order, padded to four bytes.</summary>
internal sealed class RouteMessage
{
    /// <summary>What is to be made must not be there.</summary>
    public const ushort Create = 0x400 | 0x200;

    private const ushort Request = 1;
    private const ushort Acknowledge = 4;
    private const int HeaderSize = 16;
    private const int FlagsOffset = 6;

    private readonly List<byte> _bytes = [];

    /// <param name="type">What is asked: RTM_NEWLINK and so on.</param>
    /// <param name="flags"><see cref="Create"/>, or none.</param>
    public RouteMessage(ushort type, ushort flags = 0)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[FlagsOffset..], (ushort)(Request | Acknowledge | flags));
        _bytes.AddRange(header);
    }

    /// <summary>Adds a structure of the kernel's.</summary>
    public RouteMessage Add<T>(T structure)
        where T : unmanaged
    {
        _bytes.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in structure)));
        return Pad();
    }

    public RouteMessage Add(ushort attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[4];
        MemoryMarshal.Write(header, (ushort)(header.Length + value.Length));
        MemoryMarshal.Write(header[2..], attribute);
        _bytes.AddRange(header);
        _bytes.AddRange(value);
        return Pad();
    }

    public RouteMessage Add(ushort attribute, string text) => Add(attribute, [.. Encoding.ASCII.GetBytes(text), 0]);

    public RouteMessage Add(ushort attribute, int number) => Add(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in number)));

    /// <summary>An IPv4 address, which the kernel wants as it goes over the wire.</summary>
    public RouteMessage AddAddress(ushort attribute, uint address)
    {
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, address);
        return Add(attribute, value);
    }

    /// <summary>An attribute that holds attributes.</summary>
    public RouteMessage Nest(ushort attribute, Action<RouteMessage> add)
    {
        var start = _bytes.Count;
        Add(attribute, default(ReadOnlySpan<byte>));
        add(this);
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes)[start..], (ushort)(_bytes.Count - start));
        return this;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        var bytes = CollectionsMarshal.AsSpan(_bytes);
        MemoryMarshal.Write(bytes, bytes.Length);
        return bytes;
    }

    private RouteMessage Pad()
    {
        while (_bytes.Count % 4 != 0)
            _bytes.Add(0);
        return this;
    }
}
