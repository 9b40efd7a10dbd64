using System.Net.Sockets;
using Fn.Runner.Formats.HttpStream;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Formats.HttpStream;

/// <summary>The function may change its directory at any time; what was found stays what it was.</summary>
public sealed class ListenerSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-lsnr-").FullName;
    private readonly EventLoops _loops = new(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _loops.Dispose();
    }

    [Theory]
    [InlineData("lsnr.sock", null)]
    [InlineData("phony.sock", "phony.sock")]
    [InlineData("phony.sock", "./phony.sock")]
    public async Task Find_SocketOrLinkToIt_IsConnectedTo(string bound, string? link)
    {
        using var server = Listen(bound);
        if (link is not null)
            File.CreateSymbolicLink(Path.Combine(_directory, "lsnr.sock"), link);

        using var socket = ListenerSocket.Find(_directory).Socket!;

        await using var client = await socket.ConnectAsync(_loops, Cancel);
        using var accepted = await server.AcceptAsync(Cancel);
    }

    [Fact]
    public void Find_NothingYet_IsNeither()
    {
        Assert.Equal((null, null), ListenerSocket.Find(_directory));
    }

    [Fact]
    public async Task Connect_EntryWasReplaced_StillReachesTheFirstSocket()
    {
        using var first = Listen("lsnr.sock");
        using var socket = ListenerSocket.Find(_directory).Socket!;
        File.Move(Path.Combine(_directory, "lsnr.sock"), Path.Combine(_directory, "moved"));
        using var second = Listen("lsnr.sock");

        await using var client = await socket.ConnectAsync(_loops, Cancel);

        using var accepted = await first.AcceptAsync(Cancel);
        Assert.False(second.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Find_LinkAppearsMeanwhile_IsNothingYetOrTheSocket()
    {
        using var server = Listen("phony.sock");
        var link = Path.Combine(_directory, "lsnr.sock");
        using var enough = new CancellationTokenSource();
        var linking = Task.Run(
            () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    File.CreateSymbolicLink(link, "phony.sock");
                    File.Delete(link);
                }
            },
            Cancel);

        for (var i = 0; i < 20_000; i++)
        {
            var (socket, refusal) = ListenerSocket.Find(_directory);
            socket?.Dispose();
            Assert.Null(refusal);
        }

        await enough.CancelAsync();
        await linking;
    }

    private Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_directory, name)));
        socket.Listen();
        return socket;
    }
}
