using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Fn.Api.Runners;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Api.Runners;

public sealed partial class LocalRunnerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("[::]", "127.0.0.1", true)]
    [InlineData("127.0.0.2", "127.0.0.2", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    public async Task TryConnectAsync_RunnerListens_ReachedPastTcpWhereItListens(string listens, string dialled, bool reached)
    {
        await using var server = await ServeAsync(listens);

        await using var stream = await LocalRunner.TryConnectAsync(new DnsEndPoint(dialled, server.Address.Port), Cancel);

        Assert.Equal(reached, stream is not null);
        if (stream is not null)
            Assert.Equal("local", await AskAsync(stream));
    }

    [Fact]
    public async Task DialAsync_RunnerOnThisMachine_TakesBothWaysInAnyOrder()
    {
        await using var server = await ServeAsync("127.0.0.1");
        var endpoint = new DnsEndPoint("127.0.0.1", server.Address.Port);

        var said = new List<string>();
        foreach (var tcp in new[] { true, false, false, true, true, false })
        {
            await using var stream = await (tcp ? RunnerConnection.DialTcpAsync(endpoint, Cancel) : RunnerConnection.DialAsync(endpoint, Cancel));
            said.Add(await AskAsync(stream));
        }

        Assert.Equal(["tcp", "local", "local", "tcp", "tcp", "local"], said);
    }

    [Fact]
    public async Task DialAsync_ListensOnTcpAlone_ReachedByTcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await using var stream = await RunnerConnection.DialAsync(new DnsEndPoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port), Cancel);

        Assert.IsType<IPEndPoint>(Assert.IsType<NetworkStream>(stream).Socket.RemoteEndPoint);
    }

    [Fact]
    public async Task DialAsync_AnotherUserHasTheName_RunnerStartsAndIsReachedByTcp()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64, "the number of the system call is not known");
        var port = FreePort();
        using var taken = await ListenAsNobodyAsync(RunnerSocket.For(new IPEndPoint(IPAddress.Loopback, port)));

        await using var server = await ServeAsync("127.0.0.1", port);
        await using var stream = await RunnerConnection.DialAsync(new DnsEndPoint("127.0.0.1", port), Cancel);

        Assert.IsType<IPEndPoint>(Assert.IsType<NetworkStream>(stream).Socket.RemoteEndPoint);
        Assert.Equal("tcp", await AskAsync(stream));
    }

    [Fact]
    public async Task DialAsync_RunnerStopped_ReachedInNoWay()
    {
        await using var server = await ServeAsync("127.0.0.1");
        await server.StopAsync();

        await Assert.ThrowsAnyAsync<SocketException>(async () => await RunnerConnection.DialAsync(new DnsEndPoint("127.0.0.1", server.Address.Port), Cancel));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(40, true)]
    [InlineData(int.MaxValue, false)]
    public async Task OfferAsync_RunnerEndsHavingReadSoMuchOfIt_IsPlacedElsewhereUnlessItWasRead(int bytes, bool elsewhere)
    {
        var port = FreePort();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(RunnerSocket.For(new IPEndPoint(IPAddress.Loopback, port)));
        listener.Listen();
        using var runner = new HttpRunner(new Uri($"http://127.0.0.1:{port}"), ClusterKey.None, "runner", NullLogger<HttpRunner>.Instance);

        var offering = runner.OfferAsync(Samples.Offer(CallBody.FromBuffer("hi"u8.ToArray())), Cancel).AsTask();
        var connection = await listener.AcceptAsync(Cancel);
        // Until it is all there; its body is its end.
        var there = new byte[4096];
        while (!there.AsSpan(0, await connection.ReceiveAsync(there, SocketFlags.Peek, Cancel)).EndsWith("\r\n\r\nhi"u8))
            await Task.Yield();
        if (bytes > 0)
            await connection.ReceiveAsync(there.AsMemory(0, Math.Min(bytes, there.Length)), SocketFlags.None, Cancel);
        // As the kernel does it for a process that is killed: the framework would say first that it ends.
        Assert.Equal(0, LinuxFiles.Close((int)connection.Handle));
        // Its number is another file's by now.
        connection.SafeHandle.SetHandleAsInvalid();

        var outcome = await offering;
        if (elsewhere)
            Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(outcome).Reason);
        else
            Assert.Equal(CallError.RunnerLost, outcome.Failure().Error);
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    [InlineData("runner.example")]
    public async Task TryConnectAsync_AnotherMachine_NotTried(string host)
    {
        await using var server = await ServeAsync("0.0.0.0");

        Assert.Null(await LocalRunner.TryConnectAsync(new DnsEndPoint(host, server.Address.Port), Cancel));
    }

    private static Task<LoopbackServer> ServeAsync(string listens, int port = 0) => LoopbackServer.StartAsync(
        services => ScriptedSeam.AddRunner(services, new ScriptedRunner()),
        app => app.Run(context => context.Response.WriteAsync(context.Connection.RemoteIpAddress is null ? "local" : "tcp")),
        new Dictionary<string, string?> { ["urls"] = $"http://{listens}:{port}" });

    private static async Task<string> AskAsync(Stream stream)
    {
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: runner\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel);
        return answer.Contains("local", StringComparison.Ordinal) ? "local" : answer.Contains("tcp", StringComparison.Ordinal) ? "tcp" : answer;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Listens as another user, which only the thread that does so becomes.</summary>
    private static async Task<Socket> ListenAsNobodyAsync(UnixDomainSocketEndPoint endpoint)
    {
        const int Nobody = 65534;
        var listening = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Listen) { IsBackground = true }.Start();
        return await listening.Task;

        void Listen()
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                if (SystemCall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147, -1, Nobody, -1) != 0)
                    throw new SocketException(Marshal.GetLastPInvokeError());
                socket.Bind(endpoint);
                socket.Listen();
                listening.SetResult(socket);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                listening.SetException(e);
            }
        }
    }

    // setresuid of the library would make all threads another user.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
