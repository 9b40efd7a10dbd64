using System.Buffers.Binary;
using System.Text;

namespace Fn.Bench.Dashboard;

/// <summary>Reads what a hub sends by the protocol <c>blazorpack</c>: MessagePack, of which it has the parts that a page needs.</summary>
internal ref struct HubReader(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>Whether a whole message is there: seven bits of its length a byte, the lowest first, then the message.</summary>
    /// <param name="received">What has come and was not taken yet.</param>
    /// <param name="message">The message without its length.</param>
    /// <param name="taken">Bytes of both.</param>
    public static bool TryFrame(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> message, out int taken)
    {
        message = default;
        taken = 0;
        var length = 0;
        for (var i = 0; i < Math.Min(5, received.Length); i++)
        {
            length |= (received[i] & 0x7f) << (7 * i);
            if ((received[i] & 0x80) != 0)
                continue;
            if (received.Length < i + 1 + length)
                return false;
            message = received.Slice(i + 1, length);
            taken = i + 1 + length;
            return true;
        }
        return false;
    }

    public int Array()
    {
        var head = Byte();
        return head switch
        {
            >= 0x90 and <= 0x9f => head & 0xf,
            0xdc => (int)Number(2),
            0xdd => (int)Number(4),
            _ => throw Unexpected(head),
        };
    }

    /// <summary>A number, a string, true or false, null; of bytes only how many there are.</summary>
    public object? Value()
    {
        var head = Byte();
        return head switch
        {
            <= 0x7f => (long)head,
            >= 0xe0 => (long)(sbyte)head,
            0xc0 => null,
            0xc2 => false,
            0xc3 => true,
            0xc4 => Skip((int)Number(1)),
            0xc5 => Skip((int)Number(2)),
            0xc6 => Skip((int)Number(4)),
            0xcc => Number(1),
            0xcd => Number(2),
            0xce => Number(4),
            0xcf or 0xd3 => Number(8),
            0xd0 => (long)(sbyte)Number(1),
            0xd1 => (long)(short)Number(2),
            0xd2 => (long)(int)Number(4),
            >= 0xa0 and <= 0xbf => Text(head & 0x1f),
            0xd9 => Text((int)Number(1)),
            0xda => Text((int)Number(2)),
            0xdb => Text((int)Number(4)),
            // Headers, of which there are none.
            0x80 => null,
            _ => throw Unexpected(head),
        };
    }

    private byte Byte()
    {
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    private long Number(int bytes)
    {
        var value = bytes switch
        {
            1 => _rest[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(_rest),
            4 => BinaryPrimitives.ReadUInt32BigEndian(_rest),
            _ => BinaryPrimitives.ReadInt64BigEndian(_rest),
        };
        _rest = _rest[bytes..];
        return value;
    }

    private string Text(int bytes)
    {
        var text = Encoding.UTF8.GetString(_rest[..bytes]);
        _rest = _rest[bytes..];
        return text;
    }

    private long Skip(int bytes)
    {
        _rest = _rest[bytes..];
        return bytes;
    }

    private static InvalidDataException Unexpected(byte head) => new($"A hub's message has 0x{head:x2} where nothing like it is expected.");
}
