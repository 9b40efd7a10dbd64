using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Cluster;

/// <summary>
/// Proves with the cluster's key, which itself never travels, that something was said by a member of the cluster. Without a key nothing is signed and
/// everything is believed: such services listen on loopback only. Thread-safe.
/// </summary>
#pragma warning disable CA1001 // There is one for the whole time of a process, and it may be used in the last moment of that.
public sealed class ClusterKey
#pragma warning restore CA1001
{
    private readonly byte[]? _key;

    // One that nobody is using: more than one at a time are rarely needed.
    private IncrementalHash? _spare;

    /// <param name="key">The secret; null or empty: none.</param>
    public ClusterKey(string? key) => _key = string.IsNullOrEmpty(key) ? null : Encoding.UTF8.GetBytes(key);

    public ClusterKey(IOptions<ClusterOptions> options)
        : this(options.Value.Key)
    {
    }

    /// <summary>No key.</summary>
    public static ClusterKey None { get; } = new((string?)null);

    /// <summary>Whether there is a key.</summary>
    public bool IsSet => _key is not null;

    /// <summary>The proof that a request to a runner comes from the cluster; null without a key.</summary>
    /// <param name="runnerId">The runner it is meant for: nobody else accepts it.</param>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path, which names the call, or whatever it is about.</param>
    public string? SignRequest(string runnerId, string method, string path) => Sign($"request\n{runnerId}\n{method}\n{path}");

    public bool VerifyRequest(string runnerId, string method, string path, string? mac) => Verify($"request\n{runnerId}\n{method}\n{path}", mac);

    /// <summary>The proof that a runner of the cluster listens at an address; null without a key.</summary>
    public string? SignRunner(string runnerId, string address) => Sign($"runner\n{runnerId}\n{address}");

    public bool VerifyRunner(string runnerId, string address, string? mac) => Verify($"runner\n{runnerId}\n{address}", mac);

    /// <summary>The proof that a member of the cluster said something, whatever it is; null without a key.</summary>
    /// <param name="purpose">What it is said as: it proves nothing anywhere else.</param>
    /// <param name="message">What is said.</param>
    public string? SignMessage(string purpose, ReadOnlySpan<byte> message) => Sign(Digest(purpose, message));

    public bool VerifyMessage(string purpose, ReadOnlySpan<byte> message, string? mac) => _key is null || Verify(Digest(purpose, message), mac);

    private static string Digest(string purpose, ReadOnlySpan<byte> message) => $"message\n{purpose}\n{Convert.ToHexStringLower(SHA256.HashData(message))}";

    private string? Sign(string text)
    {
        if (_key is null)
            return null;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(text, mac);
        return Convert.ToHexStringLower(mac);
    }

    private bool Verify(string text, string? mac)
    {
        if (_key is null)
            return true;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (mac?.Length != 2 * given.Length || Convert.FromHexString(mac, given, out _, out _) != OperationStatus.Done)
            return false;
        Span<byte> right = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(text, right);
        return CryptographicOperations.FixedTimeEquals(right, given);
    }

    // With every call between gateway and runner, on both sides: to begin with the key anew takes twice as long as all the rest.
    private void Compute(string text, Span<byte> mac)
    {
        var hash = Interlocked.Exchange(ref _spare, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key!);
        Span<byte> few = stackalloc byte[512];
        hash.AppendData(Encoding.UTF8.TryGetBytes(text, few, out var count) ? few[..count] : Encoding.UTF8.GetBytes(text));
        hash.GetHashAndReset(mac);
        if (Interlocked.CompareExchange(ref _spare, hash, null) is not null)
            hash.Dispose();
    }
}
