using System.Diagnostics;
using System.Text.Json;
using Fn.AppHost;
using Xunit;

namespace Fn.Tests.AppHost;

/// <summary>How a build decides between Aspire and its stand-in, asked of the build itself.</summary>
public sealed class SwitchTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fn-switch-");

    private string Cache => Path.Combine(_root.FullName, "packages");

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData(null, null, null, "false")]
    [InlineData(null, null, "13.1.3", "true")]
    [InlineData(null, null, "13.1.4", "false")]
    [InlineData(null, "true", null, "true")]
    [InlineData(null, "false", "13.1.3", "false")]
    [InlineData("false", "true", "13.1.3", "false")]
    [InlineData("true", "false", null, "true")]
    public async Task UseAspire_VariableThenFileThenCache_DecideInThisOrder(string? variable, string? file, string? cached, string expected)
    {
        if (file is not null)
            await File.WriteAllTextAsync(Path.Combine(_root.FullName, "Local.props"), $"<Project><PropertyGroup><UseAspire>{file}</UseAspire></PropertyGroup></Project>", TestContext.Current.CancellationToken);
        if (cached is not null)
            Directory.CreateDirectory(Path.Combine(Cache, "aspire.apphost.sdk", cached));

        var properties = await EvaluateAsync(variable);

        Assert.Equal(expected, properties["UseAspire"]);
        Assert.Equal(expected == "true", properties["DefineConstants"].Contains("USE_ASPIRE", StringComparison.Ordinal));
        Assert.Equal(expected == "true" ? Path.Combine(_root.FullName, "artifacts/aspire") : "", properties["ArtifactsPath"]);
        Assert.Equal("false", properties["AspirePublishing"]);
    }

    [Fact]
    public async Task AspirePublishing_AskedForWithoutAspire_IsFalse()
    {
        var without = await EvaluateAsync("false", ("AspirePublishing", "true"));
        var with = await EvaluateAsync("true", ("AspirePublishing", "true"));

        Assert.Equal(("false", "true"), (without["AspirePublishing"], with["AspirePublishing"]));
    }

    private async Task<Dictionary<string, string>> EvaluateAsync(string? variable, params (string Name, string Value)[] others)
    {
        File.Copy(Path.Combine(AppHostFolder.Root, "Directory.Build.props"), Path.Combine(_root.FullName, "Directory.Build.props"), overwrite: true);
        var project = Path.Combine(_root.FullName, "Some.proj");
        await File.WriteAllTextAsync(project, """<Project><Import Project="Directory.Build.props" /></Project>""", TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-getProperty:UseAspire,AspirePublishing,DefineConstants,ArtifactsPath"]) { RedirectStandardOutput = true };
        start.Environment.Remove("UseAspire");
        start.Environment["NUGET_PACKAGES"] = Cache;
        if (variable is not null)
            start.Environment["UseAspire"] = variable;
        foreach (var (name, value) in others)
            start.Environment[name] = value;
        using var msbuild = Process.Start(start)!;
        var text = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(text).RootElement.GetProperty("Properties").Deserialize<Dictionary<string, string>>()!;
    }
}
