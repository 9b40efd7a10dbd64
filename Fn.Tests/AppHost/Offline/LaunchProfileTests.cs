using Fn.AppHost;
using Fn.AppHost.Offline;
using Xunit;

namespace Fn.Tests.AppHost.Offline;

public sealed class LaunchProfileTests : IDisposable
{
    private readonly DirectoryInfo _project = Directory.CreateTempSubdirectory("fn-profile-");

    public void Dispose() => _project.Delete(recursive: true);

    [Fact]
    public void Read_SeveralProfiles_IsTheFirstThatRunsTheProject()
    {
        Write("""{ "profiles": { /* other */ "IIS": { "commandName": "IISExpress" }, "one": { "commandName": "Project", "environmentVariables": { "A": "b" }, }, "two": { "commandName": "Project" } } }""");

        var profile = LaunchProfile.Read(_project.FullName);

        Assert.Equal(("one", "b"), (profile!.Name, Assert.Single(profile.Environment, pair => pair.Key == "A").Value));
    }

    [Fact]
    public void Read_NoProfileOrNoFile_IsNull()
    {
        Assert.Null(LaunchProfile.Read(_project.FullName));

        Write("""{ "profiles": { "IIS": { "commandName": "IISExpress" } } }""");
        Assert.Null(LaunchProfile.Read(_project.FullName));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Read_NoSuchFileAsItShouldBe_SaysWhichFile(string text)
    {
        Write(text);

        Assert.StartsWith($"{_project.FullName}/Properties/launchSettings.json: ", Assert.Throws<AppHostException>(() => LaunchProfile.Read(_project.FullName)).Message, StringComparison.Ordinal);
    }

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.Combine(_project.FullName, "Properties"));
        File.WriteAllText(Path.Combine(_project.FullName, "Properties", "launchSettings.json"), text);
    }
}
