using System.Net.Sockets;
using Fn.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

public sealed class EngineMountsTests
{
    [Fact]
    public void AreShared_EngineOfThisMountNamespace_SeesThem()
    {
        var directory = Directory.CreateTempSubdirectory("fn-engine-");
        var path = Path.Combine(directory.FullName, "s");
        using (var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            engine.Bind(new UnixDomainSocketEndPoint(path));
            engine.Listen();

            Assert.True(EngineMounts.AreShared($"unix://{path}"));
        }
        directory.Delete(recursive: true);
    }

    [Fact]
    public void AreShared_EngineElsewhere_DoesNot() => Assert.False(EngineMounts.AreShared("tcp://127.0.0.1:1"));

    [Fact]
    public void AreShared_NoEngine_IsNotKnownYet() => Assert.Null(EngineMounts.AreShared("unix:///tmp/no-such-engine.sock"));
}
