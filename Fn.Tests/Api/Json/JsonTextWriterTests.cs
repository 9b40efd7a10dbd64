using Fn.Api.Json;
using Xunit;

namespace Fn.Tests.Api.Json;

public class JsonTextWriterTests
{
    [Theory]
    [InlineData("plain é 日本 😀 '/+`\u007F", "plain é 日本 😀 '/+`\u007F")]
    [InlineData("\"\\", "\\\"\\\\")]
    [InlineData("<a href='x'>&", @"\u003ca href='x'\u003e\u0026")]
    [InlineData("\n\r\t", @"\n\r\t")]
    [InlineData("\b\f\0\u001f", @"\u0008\u000c\u0000\u001f")]
    [InlineData("\u2028\u2029", @"\u2028\u2029")]
    public void String_AnyText_IsEscapedAsGoEscapesIt(string text, string expected)
    {
        var json = new JsonTextWriter();
        json.String(text);
        Assert.Equal($"\"{expected}\"", json.ToString());
    }

    [Fact]
    public void Raw_HtmlCharacters_AreEscaped()
    {
        var json = new JsonTextWriter();
        json.Raw("{\"a\":\"<&>\u2028\"}");
        Assert.Equal("""{"a":"\u003c\u0026\u003e\u2028"}""", json.ToString());
    }

    [Fact]
    public void Nesting_Values_AreSeparatedByCommas()
    {
        var json = new JsonTextWriter();
        json.StartObject();
        json.Name("a");
        json.StartArray();
        json.String("x");
        json.StartObject();
        json.EndObject();
        json.Null();
        json.EndArray();
        json.Field("b", 1);
        json.Field("c", new DateTimeOffset(2026, 11, 24, 2, 25, 9, 890, TimeSpan.Zero));
        json.EndObject();
        Assert.Equal("""{"a":["x",{},null],"b":1,"c":"2026-11-24T02:25:09.890Z"}""", json.ToString());
    }
}
