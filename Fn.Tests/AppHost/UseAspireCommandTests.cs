using Fn.AppHost;
using Xunit;

namespace Fn.Tests.AppHost;

public sealed class UseAspireCommandTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fn-switch-");
    private readonly StringWriter _output = new();

    private string Props => Path.Combine(_root.FullName, "Local.props");

    public void Dispose()
    {
        _output.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public void Run_NoFileYet_WritesTheSwitch()
    {
        Assert.Equal(0, UseAspireCommand.Run(["use-aspire"], _root.FullName, _output));

        Assert.Equal("<Project>\n  <PropertyGroup>\n    <UseAspire>true</UseAspire>\n  </PropertyGroup>\n</Project>\n", File.ReadAllText(Props));
        Assert.Contains(Props, _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FileWithOtherSettings_KeepsThem()
    {
        File.WriteAllText(Props, "<Project><PropertyGroup><UseAspire>false</UseAspire><Mine>yes</Mine></PropertyGroup></Project>");

        Assert.Equal(0, UseAspireCommand.Run(["use-aspire", "publishing"], _root.FullName, _output));

        var text = File.ReadAllText(Props);
        Assert.Contains("<UseAspire>true</UseAspire>", text, StringComparison.Ordinal);
        Assert.Contains("<AspirePublishing>true</AspirePublishing>", text, StringComparison.Ordinal);
        Assert.Contains("<Mine>yes</Mine>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FileThatIsNoXml_SaysSoAndLeavesItAlone()
    {
        File.WriteAllText(Props, "<Project>");

        Assert.Equal(1, UseAspireCommand.Run(["use-aspire"], _root.FullName, _output));

        Assert.Equal("<Project>", File.ReadAllText(Props));
        Assert.StartsWith($"{Props}: ", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherWords_SaysHowItIsUsed()
    {
        Assert.Equal(1, UseAspireCommand.Run(["use-aspire", "now"], _root.FullName, _output));

        Assert.Equal("usage: dotnet run --project Fn.AppHost -- use-aspire [publishing]\n", _output.ToString());
        Assert.False(File.Exists(Props));
    }
}
