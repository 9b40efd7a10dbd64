using System.Buffers.Binary;
using System.Text;

namespace Fn.Tests.Fakes.Otlp;

/// <summary>Reads the fields of one protobuf message, in their order.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _left = message;
    private ulong _number;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a field that is a message, bytes or a string.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly string Hex => Convert.ToHexStringLower(Bytes);

    public readonly long Number => (long)_number;

    public readonly double Double => BitConverter.UInt64BitsToDouble(_number);

    /// <summary>Packed doubles.</summary>
    public readonly double[] Doubles
    {
        get
        {
            var values = new double[Bytes.Length / 8];
            for (var i = 0; i < values.Length; i++)
                values[i] = BinaryPrimitives.ReadDoubleLittleEndian(Bytes[(i * 8)..]);
            return values;
        }
    }

    public bool Read()
    {
        if (_left.IsEmpty)
            return false;
        var key = ReadVarint();
        Field = (int)(key >> 3);
        Bytes = default;
        switch (key & 7)
        {
            case 0:
                _number = ReadVarint();
                break;
            case 1:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take((int)ReadVarint());
                break;
            case 5:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException($"Wire type {key & 7}.");
        }
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
