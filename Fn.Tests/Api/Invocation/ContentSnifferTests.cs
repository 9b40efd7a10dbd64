using System.Text;
using Fn.Api.Invocation;
using Xunit;

namespace Fn.Tests.Api.Invocation;

public sealed class ContentSnifferTests
{
    [Theory]
    [InlineData("", "text/plain; charset=utf-8")]
    [InlineData("\u0001\u0002\u0003", "application/octet-stream")]
    [InlineData("<HtMl><bOdY>blah blah blah</body></html>", "text/html; charset=utf-8")]
    [InlineData("<HTML></HTML>", "text/html; charset=utf-8")]
    [InlineData("   <!DOCTYPE HTML>...", "text/html; charset=utf-8")]
    [InlineData("\r\n\t\f <!doctype html x", "text/html; charset=utf-8")]
    [InlineData("<!-- comment", "text/html; charset=utf-8")]
    [InlineData("<p class", "text/html; charset=utf-8")]
    [InlineData("<p", "text/plain; charset=utf-8")]
    [InlineData("<param>", "text/plain; charset=utf-8")]
    [InlineData("\n<?xml!", "text/xml; charset=utf-8")]
    [InlineData("This is not HTML. It has \u2603 though.", "text/plain; charset=utf-8")]
    [InlineData("This is not text\u000b", "application/octet-stream")]
    [InlineData("escape \u001b[0m is text", "text/plain; charset=utf-8")]
    [InlineData("{\"json\":true}", "text/plain; charset=utf-8")]
    [InlineData("%PDF-1.4", "application/pdf")]
    [InlineData("%!PS-Adobe-3", "application/postscript")]
    [InlineData("BMP", "image/bmp")]
    [InlineData("GIF87a.", "image/gif")]
    [InlineData("GIF89a...", "image/gif")]
    [InlineData("RIFFb\u00b8\0\0WEBPVP", "image/webp")]
    [InlineData("RIFFb\u00b8\0\0WAVEfmt \u0012\0\0\0\u0006", "audio/wave")]
    [InlineData("RIFF,O\n\0AVI LISTA", "video/avi")]
    [InlineData("FORM\0\0\0\0AIFFCOMM\0\0\0\u0012\0\u0001\0\0W", "audio/aiff")]
    [InlineData("ID3\u0003\0\0\0\0\u000f", "audio/mpeg")]
    [InlineData("OggS\0\u0002\0\0\0\0\0\0", "application/ogg")]
    [InlineData("owow\0", "application/octet-stream")]
    [InlineData("MThd\0\0\0\u0006\0\u0001", "audio/midi")]
    [InlineData("\u0089PNG\r\n\u001a\n", "image/png")]
    [InlineData("\u00ff\u00d8\u00ff", "image/jpeg")]
    [InlineData("\0\0\u0001\0", "image/x-icon")]
    [InlineData("\0\0\u0002\0", "image/x-icon")]
    [InlineData("\u001aE\u00df\u00a3", "video/webm")]
    [InlineData("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom<\u0006t\u00bfmdat", "video/mp4")]
    [InlineData("\0\0\0\0ftypmp42", "application/octet-stream")]
    [InlineData("\0\0\0\u0010ftypisommp42", "application/octet-stream")]
    [InlineData("\0\u0001\0\0", "font/ttf")]
    [InlineData("OTTO\0", "font/otf")]
    [InlineData("ttcf\0", "font/collection")]
    [InlineData("wOFF\0", "font/woff")]
    [InlineData("wOF2\0", "font/woff2")]
    [InlineData("\u001f\u008b\u0008", "application/x-gzip")]
    [InlineData("PK\u0003\u0004", "application/zip")]
    [InlineData("Rar!\u001a\u0007\0", "application/x-rar-compressed")]
    [InlineData("Rar!\u001a\u0007\u0001\0", "application/x-rar-compressed")]
    [InlineData("\0asm\u0001\0", "application/wasm")]
    [InlineData("\u00fe\u00ff\0a", "text/plain; charset=utf-16be")]
    [InlineData("\u00ff\u00fea\0", "text/plain; charset=utf-16le")]
    [InlineData("\u00ef\u00bb\u00bfa", "text/plain; charset=utf-8")]
    [InlineData("\u00ef\u00bb\u00bf\0", "text/plain; charset=utf-8")]
    public void Detect_FirstBytes_AsInGo(string bytes, string type) =>
        Assert.Equal(type, ContentSniffer.Detect(bytes.Contains('\u2603', StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(bytes) : Encoding.Latin1.GetBytes(bytes)));

    [Fact]
    public void Detect_OpenTypeInEot_LooksAtBytes34And35()
    {
        var eot = new byte[36];
        "LP"u8.CopyTo(eot.AsSpan(34));

        Assert.Equal("application/vnd.ms-fontobject", ContentSniffer.Detect(eot));
        Assert.Equal("application/octet-stream", ContentSniffer.Detect(eot.AsSpan(0, 35)));
    }

    [Fact]
    public void Detect_BinaryAfter512Bytes_IsNotLookedAt()
    {
        var data = Encoding.ASCII.GetBytes(new string('a', 512) + "\0");

        Assert.Equal("text/plain; charset=utf-8", ContentSniffer.Detect(data));
    }
}
