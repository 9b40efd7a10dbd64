using System.Buffers.Binary;

namespace Fn.Api.Invocation;

/// <summary>
/// Guesses the type of content from its first bytes as Go's net/http does (after the WHATWG's MIME sniffing standard). Order matters: the first signature
/// that fits wins.
/// </summary>
internal static class ContentSniffer
{
    private const int MaxLooked = 512;
    private const string Html = "text/html; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";

    private static readonly string[] HtmlTags =
    [
        "<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--",
    ];

    // What is compared before the check for MP4, and after it.
    private static readonly Signature[] BeforeMp4 =
    [
        new("%PDF-"u8, "application/pdf"),
        new("%!PS-Adobe-"u8, "application/postscript"),
        new([0xFE, 0xFF], "text/plain; charset=utf-16be", minLength: 4),
        new([0xFF, 0xFE], "text/plain; charset=utf-16le", minLength: 4),
        new([0xEF, 0xBB, 0xBF], Text, minLength: 4),
        new([0, 0, 1, 0], "image/x-icon"),
        new([0, 0, 2, 0], "image/x-icon"),
        new("BM"u8, "image/bmp"),
        new("GIF87a"u8, "image/gif"),
        new("GIF89a"u8, "image/gif"),
        new("RIFF"u8, "image/webp", at: 8, then: "WEBPVP"u8),
        new([0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'], "image/png"),
        new([0xFF, 0xD8, 0xFF], "image/jpeg"),
        new("FORM"u8, "audio/aiff", at: 8, then: "AIFF"u8),
        new("ID3"u8, "audio/mpeg"),
        new("OggS\0"u8, "application/ogg"),
        new("MThd\0\0\0\u0006"u8, "audio/midi"),
        new("RIFF"u8, "video/avi", at: 8, then: "AVI "u8),
        new("RIFF"u8, "audio/wave", at: 8, then: "WAVE"u8),
    ];

    private static readonly Signature[] AfterMp4 =
    [
        new([0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
        new([], "application/vnd.ms-fontobject", at: 34, then: "LP"u8),
        new([0, 1, 0, 0], "font/ttf"),
        new("OTTO"u8, "font/otf"),
        new("ttcf"u8, "font/collection"),
        new("wOFF"u8, "font/woff"),
        new("wOF2"u8, "font/woff2"),
        new([0x1F, 0x8B, 0x08], "application/x-gzip"),
        new([(byte)'P', (byte)'K', 3, 4], "application/zip"),
        new([(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 7, 0], "application/x-rar-compressed"),
        new([(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 7, 1, 0], "application/x-rar-compressed"),
        new([0, (byte)'a', (byte)'s', (byte)'m'], "application/wasm"),
    ];

    /// <summary>The type; always one, <c>application/octet-stream</c> when nothing better fits.</summary>
    /// <param name="data">The content's first bytes; at most 512 are looked at.</param>
    public static string Detect(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxLooked)
            data = data[..MaxLooked];
        var trimmed = data.TrimStart("\t\n\f\r "u8);
        if (IsHtml(trimmed))
            return Html;
        if (trimmed.StartsWith("<?xml"u8))
            return "text/xml; charset=utf-8";
        return Match(BeforeMp4, data)
            ?? (IsMp4(data) ? "video/mp4" : null)
            ?? Match(AfterMp4, data)
            ?? (IsText(trimmed) ? Text : "application/octet-stream");
    }

    private static string? Match(Signature[] signatures, ReadOnlySpan<byte> data)
    {
        foreach (var signature in signatures)
        {
            if (signature.Matches(data))
                return signature.Type;
        }
        return null;
    }

    private static bool IsHtml(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] != (byte)'<')
            return false;
        foreach (var tag in HtmlTags)
        {
            // The tag must end there: "<p>" and "<p class…" are HTML, "<param" is not.
            if (data.Length > tag.Length && data[tag.Length] is (byte)' ' or (byte)'>' && StartsWithTag(data, tag))
                return true;
        }
        return false;
    }

    private static bool StartsWithTag(ReadOnlySpan<byte> data, string tag)
    {
        for (var i = 0; i < tag.Length; i++)
        {
            var expected = tag[i];
            var actual = char.IsAsciiLetterUpper(expected) ? data[i] & 0xDF : data[i];
            if (actual != expected)
                return false;
        }
        return true;
    }

    private static bool IsMp4(ReadOnlySpan<byte> data)
    {
        if (data.Length < 12)
            return false;
        var boxSize = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (data.Length < boxSize || boxSize % 4 != 0 || !data[4..8].SequenceEqual("ftyp"u8))
            return false;
        for (var brand = 8; brand < boxSize; brand += 4)
        {
            // Bytes 12 to 15 are a version, not a brand.
            if (brand != 12 && data.Slice(brand, 3).SequenceEqual("mp4"u8))
                return true;
        }
        return false;
    }

    private static bool IsText(ReadOnlySpan<byte> data)
    {
        foreach (var next in data)
        {
            if (next is <= 0x08 or 0x0B or (>= 0x0E and <= 0x1A) or (>= 0x1C and <= 0x1F))
                return false;
        }
        return true;
    }

    /// <summary>Bytes at the front and, for containers of several types, more further on.</summary>
    private sealed class Signature(ReadOnlySpan<byte> front, string type, int at = 0, ReadOnlySpan<byte> then = default, int minLength = 0)
    {
        private readonly byte[] _front = front.ToArray();
        private readonly byte[] _then = then.ToArray();
        private readonly int _length = Math.Max(minLength, Math.Max(front.Length, at + then.Length));

        public string Type { get; } = type;

        public bool Matches(ReadOnlySpan<byte> data) => data.Length >= _length && data.StartsWith(_front) && data[at..].StartsWith(_then);
    }
}
