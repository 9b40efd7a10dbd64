using System.Security.Cryptography;
using Fn.Api;
using Fn.Api.Dashboard;
using Fn.Api.Dashboard.Hosting;
using Fn.ServiceDefaults.Cluster;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class DashboardOptionsTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("http://localhost:16686/trace/{traceId}", true)]
    [InlineData("https://grafana.example/explore?left={traceId}", true)]
    [InlineData("http://localhost:16686/trace/", false)]
    [InlineData("javascript:alert({traceId})", false)]
    [InlineData("/trace/{traceId}", false)]
    public void TraceUrl_Validated_IsALinkWithAPlaceForTheId(string? url, bool valid) =>
        Assert.Equal(valid, new DashboardOptionsValidator().Validate(null, new DashboardOptions { TraceUrl = url }).Succeeded);

    [Fact]
    public void LinkTo_Trace_PutsItsIdThere()
    {
        var options = new DashboardOptions { TraceUrl = "http://traces.example/{traceId}?x" };

        Assert.Equal("http://traces.example/0af7?x", options.LinkTo("0af7"));
        Assert.Null(options.LinkTo(null));
        Assert.Null(new DashboardOptions().LinkTo("0af7"));
    }

    [Fact]
    public void Protector_OfAnotherGatewayOfTheCluster_OpensWhatOneSealed()
    {
        byte[] text = [1, 2, 3];
        var one = Protector("the key of the cluster").CreateProtector("a").Protect(text);

        Assert.Equal(text, Protector("the key of the cluster").CreateProtector("a").Unprotect(one));
        Assert.ThrowsAny<CryptographicException>(() => Protector("the key of the cluster").CreateProtector("b").Unprotect(one));
        Assert.ThrowsAny<CryptographicException>(() => Protector("another cluster's key").CreateProtector("a").Unprotect(one));
        Assert.ThrowsAny<CryptographicException>(() => Protector(null).CreateProtector("a").Unprotect(one));
        Assert.ThrowsAny<CryptographicException>(() => Protector(null).CreateProtector("a").Unprotect([]));
    }

    private static SharedProtector Protector(string? key) => new(Options.Create(new ClusterOptions { Key = key }), Options.Create(new ApiOptions()));
}
