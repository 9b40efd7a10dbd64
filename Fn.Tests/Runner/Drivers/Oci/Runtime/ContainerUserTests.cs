using Fn.Runner.Drivers.Oci.Runtime;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Runtime;

public sealed class ContainerUserTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:77:88::/home/app:\nbroken\n";
    private const string Group = "staff:x:50:app\n";

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("1234", 1234, 0)]
    [InlineData("77", 77, 88)]
    [InlineData("1234:5678", 1234, 5678)]
    [InlineData("app", 77, 88)]
    [InlineData("app:staff", 77, 50)]
    [InlineData("app:9", 77, 9)]
    public void Find_UserOfAnImage_IsNumbers(string user, int uid, int gid) =>
        Assert.Equal(new ContainerUser(uid, gid), ContainerUser.Find(user, Passwd, Group));

    [Theory]
    [InlineData("nobody")]
    [InlineData("app:nogroup")]
    [InlineData("-1")]
    [InlineData("broken")]
    public void Find_NameThatTheImageDoesNotExplain_IsNobody(string user) => Assert.Null(ContainerUser.Find(user, Passwd, Group));
}
