using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Runner.Drivers.Oci;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Functions of the format http-stream, from gateway to container, with either runtime.</summary>
public sealed class OciHttpStreamTests(OciFixture fixture) : IClassFixture<OciFixture>
{
    [Theory]
    [InlineData("crun")]
    [InlineData("runc")]
    public async Task Call_EachRuntime_ColdHotTimeoutEvictionAndALimitedSocketDirectory(string runtime)
    {
        var data = Directory.CreateDirectory($"/dev/shm/fn-e2e-{Guid.NewGuid():N}").FullName;
        var image = await fixture.NativeAsync();
        string[] settings =
        [
            $"--Fn:DataDirectory={data}", $"--Fn:Oci:Archives={fixture.Archives}", $"--Fn:Oci:Runtime={runtime}", "--Fn:Runner:ContainerDriver=oci",
            // One container at a time.
            "--Fn:Runner:Memory=64MiB", "--Fn:Containers:MinResidency=0s", $"--Fn:Containers:SocketRoot={data}/sockets",
        ];
        await using (var platform = await Platform.StartAsync(0, settings))
        {
            var one = await platform.CreateAsync("one", image, FunctionFormat.HttpStream);
            var two = await platform.CreateAsync("two", image, FunctionFormat.HttpStream);
            var hasty = await platform.CreateAsync("hasty", image, FunctionFormat.HttpStream, timeout: 1);

            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(one)));
            Assert.Equal((200, "hello", "hot"), Of(await platform.CallAsync(one)));
            Assert.Equal(504, (await platform.CallAsync(hasty, body: "hang")).Status);
            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(one)));
            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(two)));
            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(one)));

            // As much as the function can write there, and it is still served by its socket.
            Assert.InRange(long.Parse((await platform.CallAsync(two, body: "fill")).Body, null), 4096, 64 * 1024);
            Assert.Equal((200, "hello", "hot"), Of(await platform.CallAsync(two)));

            // What a runner that is killed leaves mounted, the next one takes away.
            await platform.Gateway.KillAsync();
            Assert.Single(SocketsIn(data));
            Assert.Contains(Mounts(), line => line.Contains($"{data}/sockets", StringComparison.Ordinal));
            await platform.StartGatewayAsync();
            Assert.Empty(SocketsIn(data));
            Assert.DoesNotContain(Mounts(), line => line.Contains($"{data}/sockets", StringComparison.Ordinal));
            Assert.Equal((200, "hello", "cold"), Of(await platform.CallAsync(one)));
        }
        Assert.Empty(SocketsIn(data));
        Assert.DoesNotContain(Mounts(), line => line.Contains(data, StringComparison.Ordinal));
        Directory.Delete(data, recursive: true);
    }

    private static (int, string, string?) Of(CallResult answer) => (answer.Status, answer.Body, answer.Start);

    private static IEnumerable<string> Mounts() => File.ReadLines("/proc/self/mountinfo");

    private static List<string> SocketsIn(string data) =>
        Directory.Exists($"{data}/sockets") ? [.. Directory.GetDirectories($"{data}/sockets").SelectMany(Directory.GetDirectories)] : [];
}
