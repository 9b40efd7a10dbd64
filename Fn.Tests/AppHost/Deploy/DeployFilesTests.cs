using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fn.Runner;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.AppHost.Deploy;

/// <summary>Keeps what is written down for operators true to the services: settings that there are, time enough to stop, paths that agree.</summary>
public sealed partial class DeployFilesTests
{
    private const string Compose = "deploy/compose.yaml";

    /// <summary>Settings that are given in a way of their own, and so have no row in the tables.</summary>
    private static readonly string[] OtherSettings = ["ConnectionStrings:redis", "ConnectionStrings:fndb", "Fn:Cluster:Key", "Fn:Runner:AdvertiseAddress"];

    public static TheoryData<string> YamlFiles => [.. DeployFiles.Yaml()];

    public static TheoryData<string> FilesWithSettings =>
    [
        Compose, "deploy/Dockerfile", "deploy/kubernetes/api.yaml", "deploy/kubernetes/runner.yaml", "deploy/kubernetes-engine/runner.yaml",
        "deploy/azure/runners.bicep", "deploy/azure/runner.cloud-init.yaml",
    ];

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_EachFile_CanBeRead(string path) => Assert.NotEmpty(DeployFiles.Documents(path));

    [Theory]
    [MemberData(nameof(FilesWithSettings))]
    public void Settings_EachThatIsNamed_IsOneOfTheConfiguration(string path)
    {
        var known = Row().Matches(DeployFiles.Text("docs/configuration.md")).Select(match => match.Groups[1].Value).Concat(OtherSettings).ToHashSet();
        var named = DeployFiles.Settings(DeployFiles.Text(path)).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    [Fact]
    public void GracePeriods_EachService_AreLongerThanItsStopTakes()
    {
        var needed = StopTime();
        foreach (var service in (string[])["api", "runner"])
            Assert.True(Duration(DeployFiles.Value(ComposeService(service)["stop_grace_period"])) > needed, service);
        foreach (var (kind, name) in ((string, string)[])[("Deployment", "api"), ("DaemonSet", "runner")])
        {
            var pod = Pod(DeployFiles.Manifest(kind, name));
            var pause = DeployFiles.Value(Container(pod)["lifecycle"]?["preStop"]?["sleep"]?["seconds"]);
            var grace = Duration(DeployFiles.Value(pod["terminationGracePeriodSeconds"]));
            Assert.True(grace - (pause.Length > 0 ? Duration(pause) : TimeSpan.Zero) > needed, name);
        }
        var unit = TimeoutStop().Match(DeployFiles.Text("deploy/azure/runner.cloud-init.yaml")).Groups[1].Value;
        Assert.True(Duration(unit) > needed);
    }

    [Theory]
    [InlineData("Deployment", "api", "8080")]
    [InlineData("DaemonSet", "runner", "8081")]
    public void Probes_EachService_AskWhetherItLivesAndWhetherItServes(string kind, string name, string port)
    {
        var container = Container(Pod(DeployFiles.Manifest(kind, name)));

        Assert.Equal(("/alive", "http"), Probe(container, "livenessProbe"));
        Assert.Equal(("/alive", "http"), Probe(container, "startupProbe"));
        Assert.Equal(("/health", "http"), Probe(container, "readinessProbe"));
        Assert.Equal(("http", port), (DeployFiles.Value(container["ports"]![0]!["name"]), DeployFiles.Value(container["ports"]![0]!["containerPort"])));
        Assert.Equal(port, Environment(container)["HTTP_PORTS"]);
    }

    [Fact]
    public void Secrets_EachThatIsUsed_IsOneToFillIn()
    {
        var compose = Placeholder().Matches(DeployFiles.Text(Compose)).Select(match => match.Groups[1].Value).Distinct().Order();
        var kubernetes = Descendants(DeployFiles.Manifests().ToArray()).Where(node => node["secretKeyRef"] is not null)
            .Select(node => node["secretKeyRef"]!).ToList();

        Assert.Equal(DeployFiles.Variables("deploy/.env.example").Order(), compose);
        Assert.All(kubernetes, secret => Assert.Equal("fn", DeployFiles.Value(secret["name"])));
        Assert.Equal(DeployFiles.Variables("deploy/kubernetes/.env.example").Order(), kubernetes.Select(secret => DeployFiles.Value(secret["key"])).Distinct().Order());
    }

    [Fact]
    public void Runner_SocketsOfFunctions_HaveTheSamePathForItAndForTheEngine()
    {
        var service = ComposeService("runner");
        var root = DeployFiles.Value(service["environment"]!["Fn__Containers__SocketRoot"]);
        Assert.Contains($"{root}:{root}", service["volumes"]!.AsArray().Select(DeployFiles.Value));

        var pod = Pod(DeployFiles.Manifest("DaemonSet", "runner"));
        root = Environment(Container(pod))["Fn__Containers__SocketRoot"];
        var volume = DeployFiles.Value(Container(pod)["volumeMounts"]!.AsArray().Single(mount => DeployFiles.Value(mount!["mountPath"]) == root)!["name"]);
        Assert.Equal(root, DeployFiles.Value(pod["volumes"]!.AsArray().Single(one => DeployFiles.Value(one!["name"]) == volume)!["hostPath"]!["path"]));

        var engine = DeployFiles.Manifest("DaemonSet", "runner", "kubernetes-engine")["spec"]!["template"]!["spec"]!["initContainers"]![0]!;
        Assert.Contains(engine["volumeMounts"]!.AsArray(), mount => (DeployFiles.Value(mount!["name"]), DeployFiles.Value(mount["mountPath"])) == (volume, root));
    }

    [Fact]
    public void Compose_RunnersOfTheMachine_ShareItsMemory()
    {
        var runner = ComposeService("runner");

        Assert.Equal(DeployFiles.Value(runner["deploy"]!["replicas"]), DeployFiles.Value(runner["environment"]!["Fn__Runner__Instances"]));
    }

    [Fact]
    public void Kustomization_Resources_AreTheManifestsBesideIt()
    {
        var named = DeployFiles.Documents("deploy/kubernetes/kustomization.yaml")[0]["resources"]!.AsArray().Select(DeployFiles.Value);
        var there = Directory.EnumerateFiles(Path.Combine(DeployFiles.Folder, "kubernetes"), "*.yaml").Select(path => Path.GetFileName(path)).Where(name => name != "kustomization.yaml");

        Assert.Equal(there.Order(), named.Order());
    }

    [Fact]
    public void AzureYaml_Services_IsTheAppHostAlone()
    {
        var service = Assert.Single(DeployFiles.Documents("azure.yaml")[0]["services"]!.AsObject()).Value!;

        Assert.Equal("containerapp", DeployFiles.Value(service["host"]));
        Assert.True(File.Exists(Path.Combine(DeployFiles.Root, DeployFiles.Value(service["project"]))));
        Assert.False(Directory.Exists(Path.Combine(DeployFiles.Root, "infra")));
    }

    /// <summary>How long a runner may take to stop by its defaults.</summary>
    private static TimeSpan StopTime()
    {
        var configuration = new ConfigurationBuilder().Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddRunnerEngine(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
    }

    private static TimeSpan Duration(string text)
    {
        Assert.True(DurationText.TryParse(text, out var duration), $"'{text}' is no duration");
        return duration;
    }

    private static JsonNode ComposeService(string name) => DeployFiles.Documents(Compose)[0]["services"]![name]!;

    private static JsonNode Pod(JsonNode manifest) => manifest["spec"]!["template"]!["spec"]!;

    private static JsonNode Container(JsonNode pod) => Assert.Single(pod["containers"]!.AsArray())!;

    private static Dictionary<string, string> Environment(JsonNode container) =>
        container["env"]!.AsArray().ToDictionary(variable => DeployFiles.Value(variable!["name"]), variable => DeployFiles.Value(variable!["value"]));

    private static (string Path, string Port) Probe(JsonNode container, string name) =>
        (DeployFiles.Value(container[name]!["httpGet"]!["path"]), DeployFiles.Value(container[name]!["httpGet"]!["port"]));

    private static IEnumerable<JsonObject> Descendants(params JsonNode?[] nodes) => nodes.SelectMany(node => node switch
    {
        JsonObject mapping => Descendants([.. mapping.Select(pair => pair.Value)]).Prepend(mapping),
        JsonArray sequence => Descendants([.. sequence]),
        _ => [],
    });

    [GeneratedRegex(@"^\| `(Fn:[\w:]+)`", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"TimeoutStopSec=(\d+)")]
    private static partial Regex TimeoutStop();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z_]+)")]
    private static partial Regex Placeholder();
}
