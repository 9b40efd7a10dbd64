using System.Net.Sockets;
using System.Text;
using Fn.Runner.Calls.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Runner.Calls.Http;

public sealed class RunnerEndpointsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_Idle_OutlivesTheServersLookAtItsTimeouts()
    {
        var runner = new ScriptedRunner();
        await using var server = await LoopbackServer.StartAsync(
            services => services
                .AddSingleton<IRunner>(runner).AddSingleton<IRunnerStatusSource>(runner).AddRunnerEndpoints()
                .PostConfigure<KestrelServerOptions>(options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1)),
            app => app.MapRunner());
        using var idle = await ConnectAsync(server);
        using var slow = await ConnectAsync(server);

        // The server has looked at the timeouts of all connections when it gives this one up.
        await slow.SendAsync("GET "u8.ToArray(), Cancel);
        Assert.StartsWith("HTTP/1.1 408", await ReceiveAsync(slow));
        await idle.SendAsync(Encoding.ASCII.GetBytes($"GET {RunnerWire.StatusPath} HTTP/1.1\r\nHost: runner\r\n\r\n"), Cancel);

        Assert.StartsWith("HTTP/1.1 200", await ReceiveAsync(idle));
    }

    private static async Task<Socket> ConnectAsync(LoopbackServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint, Cancel);
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Cancel));
    }
}
