using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Drivers.Oci;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>The whole platform with a runtime and no engine.</summary>
public sealed class OciTests(OciFixture fixture) : IClassFixture<OciFixture>
{
    // Says hello at the end of each request's headers; its requests have no body. Does not go when its input does.
    private const string Hello = "while read line; do case $line in *:*|*HTTP/1.1*) ;; *) printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello';; esac; done; sleep 1000";

    [Fact]
    public async Task Call_OciDriver_IsColdThenHotAndARunnerThatWasKilledLeavesNothing()
    {
        var data = Directory.CreateDirectory($"/dev/shm/fn-e2e-{Guid.NewGuid():N}").FullName;
        string runner;
        await using (var platform = await Platform.StartAsync(0, $"--Fn:DataDirectory={data}", $"--Fn:Oci:Archives={fixture.Archives}", "--Fn:Runner:ContainerDriver=oci"))
        {
            var hot = await platform.CreateAsync("hot", fixture.Shell(Hello), FunctionFormat.Http);
            var cold = await platform.CreateAsync("cold", fixture.Shell("tr a-z A-Z"), FunctionFormat.Default);
            var unknown = await platform.CreateAsync("unknown", "no/such:image", FunctionFormat.Http);

            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(hot)));
            Assert.Equal((200, "hello", "hot"), Of(await platform.CallAsync(hot)));
            Assert.Equal((200, "LOUD", "cold"), Of(await platform.CallAsync(cold, body: "loud")));
            var failed = await platform.CallAsync(unknown);
            Assert.Equal(502, failed.Status);
            Assert.Contains($"no archive in {fixture.Archives} has it", failed.Body, StringComparison.Ordinal);

            // The container of a call that is over goes after its answer; the hot one stays.
            await Eventually.HoldsAsync(() => ContainersIn(data).Count == 1, "only the hot container is left");
            var left = Assert.Single(ContainersIn(data));
            runner = Path.GetFileName(Path.GetDirectoryName(left)!);
            Assert.Contains(runner, GroupsOfRunners());
            var process = int.Parse(await File.ReadAllTextAsync(Path.Combine(left, "pid"), TestContext.Current.CancellationToken), null);
            await platform.Gateway.KillAsync();
            Assert.True(Leftovers.IsAlive(process));
            await platform.StartGatewayAsync();

            Assert.False(Leftovers.IsAlive(process));
            Assert.Empty(ContainersIn(data));
            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(hot)));
        }
        // A runner that ends takes everything with it.
        Assert.Empty(ContainersIn(data));
        Assert.Empty(MountsIn(data));
        Assert.DoesNotContain(runner, GroupsOfRunners());
        Directory.Delete(data, recursive: true);
    }

    private static (int, string, string?) Of(CallResult answer) => (answer.Status, answer.Body, answer.Start);

    private static List<string> MountsIn(string data) => [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(data, StringComparison.Ordinal))];

    // Of any hierarchy: which there are differs.
    private static HashSet<string> GroupsOfRunners() =>
        [.. Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(root => $"{root}/fn").Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path))];

    private static List<string> ContainersIn(string data) =>
        Directory.Exists($"{data}/oci/runners") ? [.. Directory.GetDirectories($"{data}/oci/runners").SelectMany(Directory.GetDirectories)] : [];
}
