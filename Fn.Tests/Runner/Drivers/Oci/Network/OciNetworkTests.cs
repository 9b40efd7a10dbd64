using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fn.Runner.Drivers;
using Fn.Runner.Drivers.Oci;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

/// <summary>What containers reach, with either runtime, on bridges of this machine.</summary>
public abstract class OciNetworkTests : IAsyncDisposable
{
    private readonly OciFixture _fixture;
    private readonly string _runtime;
    private readonly string _runnerId = Guid.NewGuid().ToString("N");
    private readonly OciTestDriver _driver;

    protected OciNetworkTests(OciFixture fixture, string runtime)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && RuntimeProgram.FindOnPath(runtime) is not null, $"needs root and {runtime}");
        Assert.SkipWhen(PacketFilter.FindMissing() is not null, "needs iptables");
        (_fixture, _runtime) = (fixture, runtime);
        _driver = New(_runnerId);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Bridge => Fn.Runner.Drivers.Oci.Network.Bridge.NameOf(_runnerId);

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Function_OnBridge_ReachesThisMachine()
    {
        await _driver.Driver.RemoveLeftoversAsync([_runnerId], Cancel);
        using var server = new TcpListener(Gateway(Bridge), 0);
        server.Start();
        var container = await StartAsync(_driver, "echo called | nc -w 10 $HOST $PORT", Target((IPEndPoint)server.LocalEndpoint));

        using (var client = await server.AcceptTcpClientAsync(Cancel))
        {
            Assert.Equal("called\n", await ReadLineAsync(client.GetStream()) + "\n");
            await client.GetStream().WriteAsync("answer\n"u8.ToArray(), Cancel);
        }

        Assert.Equal("answer\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Function_WithoutNetwork_ReachesNothing()
    {
        await _driver.Driver.RemoveLeftoversAsync([_runnerId], Cancel);
        using var server = new TcpListener(Gateway(Bridge), 0);
        server.Start();
        using var driver = new OciTestDriver(_fixture.Data, _runtime);
        var container = await StartAsync(driver, "nc -w 5 $HOST $PORT 2>&1 < /dev/null || echo not reached", Target((IPEndPoint)server.LocalEndpoint));

        Assert.EndsWith("unreachable\nnot reached\n", await ReadAllAsync(container.Output), StringComparison.Ordinal);
        Assert.False(server.Pending());
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Function_OnBridge_ReachesOtherMachinesInThisOnesName()
    {
        await using var outside = await OutsideMachine.StartAsync();
        var container = await StartAsync(_driver, "nc -w 10 $HOST $PORT < /dev/null && echo reached", Target(outside.Server));

        Assert.Equal(OutsideMachine.Neighbour, await outside.AcceptAsync(Cancel));
        Assert.Equal("reached\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Function_OnBridge_DoesNotReachOtherFunctions(bool ofAnotherRunner)
    {
        await using var other = New(Guid.NewGuid().ToString("N"));
        var listening = await StartAsync(_driver, "echo $(ip -4 -o addr show eth0); echo secret | nc -l -p 5000");
        var address = IPAddress.Parse((await ReadLineAsync(listening.Output)).Split(' ')[3].Split('/')[0]);
        var calling = await StartAsync(ofAnotherRunner ? other : _driver, "nc -w 3 $HOST $PORT < /dev/null || echo not reached", Target(new IPEndPoint(address, 5000)));

        Assert.Equal("not reached\n", await ReadAllAsync(calling.Output));

        // It did listen, and this machine may call it.
        using var client = new TcpClient();
        await client.ConnectAsync(address, 5000, Cancel);
        Assert.Equal("secret", await ReadLineAsync(client.GetStream()));
        await calling.RemoveAsync();
        await listening.RemoveAsync();
    }

    [Fact]
    public async Task Function_OnBridge_IsToldItsNetwork()
    {
        await using var driver = New(Guid.NewGuid().ToString("N"), new OciOptions { NameServers = ["9.9.9.9"] });
        var container = await StartAsync(driver, "cat /etc/resolv.conf | grep nameserver; grep -c $HOSTNAME /etc/hosts; ip -o link | grep -c .; ip -6 addr show eth0; touch /etc/hosts 2>&1");

        Assert.Equal("nameserver 9.9.9.9\n1\n2\ntouch: /etc/hosts: Read-only file system\n", await ReadAllAsync(container.Output));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Networks_OneIsTaken_AreFilledUpAndUsedOnce()
    {
        await _driver.Driver.RemoveLeftoversAsync([_runnerId], Cancel);
        await _driver.Work.WhenIdleAsync();
        var prepared = Ports();
        Assert.Equal(2, prepared.Count);

        var container = await StartAsync(_driver, "cat");
        await _driver.Work.WhenIdleAsync();

        Assert.Equal(3, Ports().Count);
        Assert.Subset(Ports().ToHashSet(), prepared.ToHashSet());
        await container.RemoveAsync();
        await _driver.Work.WhenIdleAsync();
        Assert.Equal(2, Ports().Count);
        Assert.Single(prepared.Except(Ports()));
    }

    [Fact]
    public async Task RemoveLeftovers_RunnerWasKilled_NothingOfItsNetworkIsLeft()
    {
        var container = await StartAsync(_driver, "cat");
        await _driver.Work.WhenIdleAsync();
        Assert.NotEqual(0, await LeftAsync());
        await using var next = New(Guid.NewGuid().ToString("N"));

        Assert.True(next.Driver.HasLeftovers([_runnerId]));
        await next.Driver.SweepAsync([_runnerId], Cancel);

        Assert.Equal(137, (await container.Ended.WaitAsync(Cancel)).Code);
        Assert.Equal(0, await LeftAsync());
        Assert.False(next.Driver.HasLeftovers([_runnerId]));
        await container.RemoveAsync();
    }

    [Fact]
    public async Task Dispose_Runner_LeavesNothing()
    {
        await (await StartAsync(_driver, "true")).RemoveAsync();
        Assert.NotEqual(0, await LeftAsync());

        await _driver.Work.WhenIdleAsync();
        await _driver.Networks.DisposeAsync();

        Assert.Equal(0, await LeftAsync());
    }

    [Fact]
    public async Task Create_NoAddressIsFree_FailsAndSaysWhatIsAllowed()
    {
        await _driver.Driver.RemoveLeftoversAsync([_runnerId], Cancel);
        var taken = new Ipv4Block(Ipv4Block.ToNumber(Gateway(Bridge)) - 1, BlockClaim.Prefix).ToString();
        await using var other = New(Guid.NewGuid().ToString("N"), new OciOptions { Subnet = taken });

        var (container, failure) = await other.Driver.CreateAsync(Spec("true"), Cancel);

        Assert.Null(container);
        Assert.Equal(CallError.StartFailed, failure!.Error);
        Assert.Contains($"no addresses of Fn:Oci:Subnet={taken} are free: {taken} is another runner's. Fn:Oci:Network=none runs", failure.Detail, StringComparison.Ordinal);
    }

    private OciTestDriver New(string runnerId, OciOptions? options = null)
    {
        options ??= new OciOptions();
        (options.Network, options.PreparedNetworks) = (ContainerNetworkKind.Bridge, 2);
        return new OciTestDriver(_fixture.Data, _runtime, oci: options, runnerId: runnerId);
    }

    private ContainerSpec Spec(string script, Dictionary<string, string>? environment = null) => new()
    {
        Id = FnId.New(TimeProvider.System),
        RunnerId = _runnerId,
        Function = TestSpecs.Function(_fixture.Shell(script), FunctionFormat.Http, memoryMiB: 64),
        Environment = environment ?? [],
    };

    private async Task<IContainer> StartAsync(OciTestDriver driver, string script, Dictionary<string, string>? environment = null)
    {
        var (container, failure) = await driver.Driver.CreateAsync(Spec(script, environment), Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));
        return container;
    }

    private static Dictionary<string, string> Target(IPEndPoint server) =>
        new() { ["HOST"] = server.Address.ToString(), ["PORT"] = server.Port.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The host's own address on a bridge.</summary>
    private static IPAddress Gateway(string bridge) =>
        NetworkInterface.GetAllNetworkInterfaces().Single(each => each.Name == bridge).GetIPProperties().UnicastAddresses.Single().Address;

    private List<string> Ports() => [.. Directory.EnumerateFileSystemEntries($"/sys/class/net/{Bridge}/brif").Select(path => Path.GetFileName(path))];

    /// <summary>How many things there are of the runner's network: interfaces, rules, directories.</summary>
    private async Task<int> LeftAsync()
    {
        var place = Path.Combine(_fixture.Data, "oci", "networks", _runnerId);
        var written = Directory.Exists(place) ? Directory.GetDirectories(place).Select(path => Path.GetFileName(path)).ToList() : [];
        using var children = new ChildWatch();
        var (_, rules) = await Command.RunAsync([RuntimeProgram.FindOnPath("iptables-save")!], children);
        return written.Count + (Directory.Exists(place) ? 1 : 0)
            + rules.Split('\n').Count(line => line.Contains(Bridge, StringComparison.Ordinal))
            + NetworkInterface.GetAllNetworkInterfaces().Count(each => each.Name == Bridge || written.Contains(each.Name));
    }

    private static async Task<string> ReadAllAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var next = new byte[1];
        while (await stream.ReadAsync(next, Cancel) == 1 && next[0] != '\n')
            line.Add(next[0]);
        return System.Text.Encoding.UTF8.GetString([.. line]);
    }
}

[Collection(OciRuns.Name)]
public sealed class RuncNetworkTests(OciFixture fixture) : OciNetworkTests(fixture, "runc");

[Collection(OciRuns.Name)]
public sealed class CrunNetworkTests(OciFixture fixture) : OciNetworkTests(fixture, "crun");
