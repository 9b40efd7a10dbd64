using System.Buffers.Binary;
using System.Text;

namespace Fn.Bench.Dashboard;

/// <summary>Writes messages of a page to its hub by the protocol <c>blazorpack</c>.</summary>
internal static class HubWriter
{
    /// <summary>First message of the connection: what is spoken from then on.</summary>
    public static readonly byte[] Handshake = """{"protocol":"blazorpack","version":1}"""u8.ToArray().Append((byte)0x1e).ToArray();

    /// <summary>Says that the page is still there.</summary>
    public static readonly byte[] Ping = [2, 0x91, 6];

    /// <summary>Asks the hub for something.</summary>
    /// <param name="id">What its answer is told by; null: none is wanted.</param>
    /// <param name="target">What is asked for.</param>
    /// <param name="arguments">Each a number, a string, true or false, or null.</param>
    public static byte[] Invocation(string? id, string target, params object?[] arguments)
    {
        var message = new MemoryStream();
        // An array of six: kind, headers, id, target, arguments, streams.
        message.Write([0x96, 1, 0x80]);
        Write(message, id);
        Write(message, target);
        message.WriteByte((byte)(0x90 | arguments.Length));
        foreach (var argument in arguments)
            Write(message, argument);
        message.WriteByte(0x90);
        var framed = new MemoryStream();
        for (var length = message.Length; ; length >>= 7)
        {
            framed.WriteByte((byte)(length > 0x7f ? length | 0x80 : length));
            if (length <= 0x7f)
                break;
        }
        message.WriteTo(framed);
        return framed.ToArray();
    }

    private static void Write(MemoryStream message, object? value)
    {
        Span<byte> head = stackalloc byte[9];
        switch (value)
        {
            case null:
                message.WriteByte(0xc0);
                break;
            case bool truth:
                message.WriteByte(truth ? (byte)0xc3 : (byte)0xc2);
                break;
            case long number:
                head[0] = 0xd3;
                BinaryPrimitives.WriteInt64BigEndian(head[1..], number);
                message.Write(head);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                head[0] = 0xdb;
                BinaryPrimitives.WriteInt32BigEndian(head[1..], bytes.Length);
                message.Write(head[..5]);
                message.Write(bytes);
                break;
            default:
                throw new ArgumentException($"A {value.GetType()} cannot be sent.");
        }
    }
}
