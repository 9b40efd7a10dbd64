using Fn.Runner.Drivers.Process;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Process;

public sealed class ProcessImageTests
{
    [Theory]
    [InlineData("process:a", "a")]
    [InlineData("process:  a  b\tc ", "a|b|c")]
    [InlineData("process:\"a b\" \"c d\"e", "a b|c de")]
    [InlineData("process:a \"\" b", "a||b")]
    public void Parse_WellFormed_SplitsOnBlanksOutsideQuotes(string image, string words)
    {
        var parsed = ProcessImage.Parse(image)!;

        Assert.Equal(words, string.Join('|', [parsed.Path, .. parsed.Arguments]));
    }

    [Theory]
    [InlineData("process:")]
    [InlineData("process:  ")]
    [InlineData("process:\"a b")]
    [InlineData("process:\"\" b")]
    public void Parse_NoPathOrOpenQuote_IsNothing(string image)
    {
        Assert.Null(ProcessImage.Parse(image));
    }

    [Theory]
    [InlineData("process:a", true)]
    [InlineData("fnproject/hello:0.0.1", false)]
    [InlineData("PROCESS:a", false)]
    public void Matches_Prefix_Decides(string image, bool matches)
    {
        Assert.Equal(matches, ProcessImage.Matches(image));
    }
}
