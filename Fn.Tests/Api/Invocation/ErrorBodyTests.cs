using System.Text;
using Fn.Api.Invocation;
using Xunit;

namespace Fn.Tests.Api.Invocation;

public sealed class ErrorBodyTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a \"b\" \\c", "a \\\"b\\\" \\\\c")]
    [InlineData("<&>", "\\u003c\\u0026\\u003e")]
    [InlineData("\n\r\t\u0001\u001f", "\\n\\r\\t\\u0001\\u001f")]
    [InlineData("\u2028\u2029", "\\u2028\\u2029")]
    [InlineData("gr\u00fc\u00df \U0001F600 '+/", "gr\u00fc\u00df \U0001F600 '+/")]
    public void Format_AnyText_IsEscapedAsInGo(string message, string escaped) =>
        Assert.Equal($"{{\"message\":\"{escaped}\"}}\n", Encoding.UTF8.GetString(ErrorBody.Format(message)));

    [Fact]
    public void Format_HalfASurrogatePair_IsReplaced() => Assert.Equal("{\"message\":\"a\ufffdb\"}\n", Encoding.UTF8.GetString(ErrorBody.Format("a\ud800b")));
}
