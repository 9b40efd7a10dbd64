using Fn.ServiceDefaults.Http;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Http;

public sealed class HeaderRulesTests
{
    [Theory]
    [InlineData("X-Name", true)]
    [InlineData("x_n.a!m~e9", true)]
    [InlineData("", false)]
    [InlineData("bad name", false)]
    [InlineData(":authority", false)]
    [InlineData("na\u00efve", false)]
    [InlineData("(x)", false)]
    public void IsName_Text_IsAToken(string name, bool expected) => Assert.Equal(expected, HeaderRules.IsName(name));

    [Theory]
    [InlineData("", true)]
    [InlineData("a\tb c~", true)]
    [InlineData("\u0080\u00ff", true)]
    [InlineData("a\r\nb", false)]
    [InlineData("a\0", false)]
    [InlineData("\u007f", false)]
    [InlineData("\u0100", false)]
    public void IsValue_Text_IsLatin1WithoutControls(string value, bool expected) => Assert.Equal(expected, HeaderRules.IsValue(value));
}
