using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Hosting;

public class ListenRulesTests
{
    [Theory]
    [InlineData("", "http://localhost:8080")]
    [InlineData("urls=http://localhost:5000", null)]
    [InlineData("http_ports=9000", null)]
    [InlineData("https_ports=9443", null)]
    [InlineData("Kestrel:Endpoints:Web:Url=http://0.0.0.0:9000", null)]
    public void Decide_MayLeaveLoopback_OnlySetsWhatNothingElseDoes(string given, string? urls)
    {
        var plan = ListenRules.Decide(Configuration(given), 8080, mayLeaveLoopback: true);

        Assert.Equal(urls is null ? [] : [("urls", (string?)urls)], plan.Changes.Select(change => (change.Key, change.Value)));
        Assert.Empty(plan.Moved);
    }

    [Theory]
    [InlineData("http://localhost:5000")]
    [InlineData("http://LOCALHOST:5000")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("https://127.9.9.9:5000")]
    [InlineData("http://[::1]:5000")]
    [InlineData("http://unix:/run/fn.sock")]
    [InlineData("http://localhost:5000;http://unix:/run/fn.sock")]
    public void Decide_LoopbackUrls_StandAsTheyAre(string urls)
    {
        var plan = ListenRules.Decide(Configuration("urls=" + urls), 8080, mayLeaveLoopback: false);

        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Moved);
    }

    [Theory]
    [InlineData("http://*:9000", "http://localhost:9000")]
    [InlineData("http://+:9000", "http://localhost:9000")]
    [InlineData("http://0.0.0.0:9000", "http://localhost:9000")]
    [InlineData("http://[::]:9000", "http://localhost:9000")]
    [InlineData("https://*:9443", "https://localhost:9443")]
    [InlineData("http://192.168.1.7:9000", "http://localhost:9000")]
    [InlineData("http://[2001:db8::1]:9000", "http://localhost:9000")]
    [InlineData("http://fn.example.com:9000", "http://localhost:9000")]
    [InlineData("http://localhost.example.com:9000", "http://localhost:9000")]
    [InlineData("http://*", "http://localhost:80")]
    [InlineData("http://0.0.0.0:0", "http://127.0.0.1:0")]
    [InlineData("http://0.0.0.0:9000;http://[::]:9000", "http://localhost:9000")]
    [InlineData("http://unix:/run/fn.sock;http://*:9000", "http://unix:/run/fn.sock;http://localhost:9000")]
    public void Decide_UrlsBeyondLoopback_BecomeLoopback(string urls, string expected)
    {
        var plan = ListenRules.Decide(Configuration("urls=" + urls), 8080, mayLeaveLoopback: false);

        Assert.Equal(expected, plan.Changes["urls"]);
        Assert.NotEmpty(plan.Moved);
    }

    [Fact]
    public void Decide_PortsBeyondLoopback_BecomeUrlsAndAreCleared()
    {
        var plan = ListenRules.Decide(Configuration("http_ports=9000;9001", "https_ports=9443"), 8080, mayLeaveLoopback: false);

        Assert.Equal("http://localhost:9000;http://localhost:9001;https://localhost:9443", plan.Changes["urls"]);
        Assert.Equal("", plan.Changes["http_ports"]);
        Assert.Equal("", plan.Changes["https_ports"]);
        Assert.Equal(new MovedAddress("http://*:9000", "http://localhost:9000"), plan.Moved[0]);
    }

    [Fact]
    public void Decide_UrlsAndPorts_UrlsCount()
    {
        var plan = ListenRules.Decide(Configuration("http_ports=9000", "urls=http://127.0.0.1:5000"), 8080, mayLeaveLoopback: false);

        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void Decide_KestrelEndpoints_OnlyThoseBeyondLoopbackChange()
    {
        var plan = ListenRules.Decide(
            Configuration("Kestrel:Endpoints:In:Url=http://127.0.0.1:5000", "Kestrel:Endpoints:Out:Url=https://*:9443"), 8080, mayLeaveLoopback: false);

        Assert.Equal([("Kestrel:Endpoints:Out:Url", "https://localhost:9443")], plan.Changes.Select(change => (change.Key, change.Value!)));
        Assert.Equal([new MovedAddress("https://*:9443", "https://localhost:9443")], plan.Moved);
    }

    [Theory]
    [InlineData("urls=nonsense", "urls has 'nonsense'")]
    [InlineData("urls=ftp://localhost:21", "urls has 'ftp://localhost:21'")]
    [InlineData("urls=http://localhost:port", "urls has 'http://localhost:port'")]
    [InlineData("urls=http://localhost:80/path", "urls has 'http://localhost:80/path'")]
    [InlineData("http_ports=web", "HTTP_PORTS has 'http://*:web'")]
    [InlineData("Kestrel:Endpoints:Web:Protocols=Http1", "Kestrel:Endpoints:Web:Url has ''")]
    public void Decide_NoAddress_SaysWhichSettingAndWhatIsAllowed(string given, string expected)
    {
        var error = Assert.Throws<FnStartException>(() => ListenRules.Decide(Configuration(given), 8080, mayLeaveLoopback: true));

        Assert.StartsWith(expected + ": allowed is http://HOST:PORT", error.Message, StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration(params string[] given) => new ConfigurationBuilder()
        .AddInMemoryCollection(given.Where(pair => pair.Length > 0).Select(pair => KeyValuePair.Create(pair[..pair.IndexOf('=')], (string?)pair[(pair.IndexOf('=') + 1)..])))
        .Build();
}
