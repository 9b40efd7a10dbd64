using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// Makes ids of apps, functions, triggers, calls and containers: 48 bits of milliseconds, 48 bits that no other process has (random at start), a 32-bit
/// counter; written as 26 characters of Crockford base 32. They sort by time.
/// </summary>
public static class FnId
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly ulong Process = MakeProcessPart();
    private static uint _counter;

    /// <summary>A new id.</summary>
    public static string New(TimeProvider time)
    {
        var milliseconds = (ulong)time.GetUtcNow().ToUnixTimeMilliseconds() & 0xFFFF_FFFF_FFFF;
        var value = new UInt128((milliseconds << 16) | (Process >> 32), (Process << 32) | Interlocked.Increment(ref _counter));
        return string.Create(26, value, static (text, bits) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(ulong)(bits & 31)];
                bits >>= 5;
            }
        });
    }

    private static ulong MakeProcessPart()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random[2..]);
        return BinaryPrimitives.ReadUInt64BigEndian(random);
    }
}
