using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Xunit;

namespace Fn.Tests.AppHost.Deploy;

public sealed class BicepTests
{
    private static readonly string Program =
        typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "Bicep").Value!;

    [Fact]
    public async Task Network_Compiled_HasASubnetForEitherSide()
    {
        var template = await CompileAsync("network.bicep");

        Assert.Equal(["appsSubnetId", "runnersSubnetId"], template["outputs"]!.AsObject().Select(output => output.Key).Order());
        Assert.Contains(Resources(template, "Microsoft.Network/virtualNetworks"), network => network["properties"]!["subnets"]!.AsArray().Count == 2);
    }

    [Fact]
    public async Task Runners_Compiled_IsAScaleSetThatKeepsItsSecrets()
    {
        var template = await CompileAsync("runners.bicep");

        Assert.Single(Resources(template, "Microsoft.Compute/virtualMachineScaleSets"));
        var secure = template["parameters"]!.AsObject().Where(parameter => parameter.Value!["type"]!.GetValue<string>() == "securestring").Select(parameter => parameter.Key);
        Assert.Equal(["clusterKey", "runnerPackage"], secure.Order());
        Assert.Equal(["scaleSetName"], template["outputs"]!.AsObject().Select(output => output.Key));
    }

    [Fact]
    public void CloudInit_Placeholders_AreThoseThatTheTemplateFillsIn()
    {
        var cloudInit = DeployFiles.Text("deploy/azure/runner.cloud-init.yaml");
        var template = DeployFiles.Text("deploy/azure/runners.bicep");

        Assert.StartsWith("#cloud-config\n", cloudInit, StringComparison.Ordinal);
        foreach (var placeholder in (string[])["@ENVIRONMENT@", "@PACKAGE@"])
        {
            Assert.Equal(2, cloudInit.Split(placeholder).Length);
            Assert.Contains($"'{placeholder}'", template, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<JsonNode> Resources(JsonNode template, string type)
    {
        // An array, or an object by symbolic names when there are existing ones among them.
        var resources = template["resources"] is JsonObject named ? named.Select(pair => pair.Value!) : template["resources"]!.AsArray().Select(one => one!);
        return resources.Where(resource => resource["type"]!.GetValue<string>() == type);
    }

    /// <summary>Compiles; a warning fails too.</summary>
    private static async Task<JsonNode> CompileAsync(string file)
    {
        var start = new ProcessStartInfo(Program, ["build", Path.Combine(DeployFiles.Folder, "azure", file), "--stdout"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using var bicep = Process.Start(start)!;
        var errors = bicep.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await bicep.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bicep.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await errors);
        Assert.Equal(0, bicep.ExitCode);
        return JsonNode.Parse(output)!;
    }
}
