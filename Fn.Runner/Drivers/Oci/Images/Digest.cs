using System.Security.Cryptography;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>The SHA-256 of some content: its name in archives and in the store. 64 lower-case hex digits, so it can be part of a path.</summary>
internal readonly record struct Digest(string Hex)
{
    private const string Algorithm = "sha256:";
    private const int HexLength = 64;

    public static Digest Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>Reads <c>sha256:HEX</c>. Throws <see cref="InvalidDataException"/>.</summary>
    public static Digest Parse(string? text) =>
        text?.StartsWith(Algorithm, StringComparison.Ordinal) == true && TryParseHex(text[Algorithm.Length..]) is { } digest
            ? digest
            : throw new InvalidDataException($"\"{text}\" is no sha256 digest");

    public static Digest? TryParseHex(string hex) => hex.Length == HexLength && hex.All(char.IsAsciiHexDigitLower) ? new Digest(hex) : null;

    public override string ToString() => Algorithm + Hex;
}
