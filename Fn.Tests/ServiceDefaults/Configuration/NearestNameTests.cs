using Fn.ServiceDefaults.Configuration;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Configuration;

public class NearestNameTests
{
    private static readonly string[] Known = ["QueueTimeout", "MaxQueued", "MaxResponseSize", "MaxResponseHeaderSize"];

    [Theory]
    [InlineData("QueueTimout", "QueueTimeout")]
    [InlineData("queuetimeout", "QueueTimeout")]
    [InlineData("QueueTiemout", "QueueTimeout")]
    [InlineData("QueueTimeouts", "QueueTimeout")]
    [InlineData("MaxQueue", "MaxQueued")]
    [InlineData("ResponseSize", "MaxResponseSize")]
    [InlineData("Colour", null)]
    [InlineData("Q", null)]
    public void Find_GivenName_IsTheOneWithinATypingSlip(string given, string? expected) => Assert.Equal(expected, NearestName.Find(given, Known));

    [Fact]
    public void Find_NothingKnown_IsNull() => Assert.Null(NearestName.Find("QueueTimeout", []));
}
