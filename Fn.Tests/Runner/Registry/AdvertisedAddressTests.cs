using Fn.Runner;
using Fn.Runner.Registry;
using Fn.ServiceDefaults.Hosting;
using Xunit;

namespace Fn.Tests.Runner.Registry;

public sealed class AdvertisedAddressTests
{
    [Theory]
    [InlineData("http://10.1.2.3:8081", "http://10.1.2.3:8081")]
    [InlineData("http://localhost:5000", "http://localhost:5000")]
    [InlineData("http://runner-1.internal:80", "http://runner-1.internal:80")]
    [InlineData("http://[::1]:8081", "http://[::1]:8081")]
    [InlineData("http://*:8081", "http://192.0.2.7:8081")]
    [InlineData("http://+:8081", "http://192.0.2.7:8081")]
    [InlineData("http://0.0.0.0:8081", "http://192.0.2.7:8081")]
    [InlineData("http://[::]:8081", "http://192.0.2.7:8081")]
    [InlineData("https://*:8443;http://[::]:8081", "http://192.0.2.7:8081")]
    [InlineData("http://[::]:8081;http://10.1.2.3:9000", "http://10.1.2.3:9000")]
    public void Choose_Bound_IsWhatOthersReach(string bound, string expected) =>
        Assert.Equal(expected, AdvertisedAddress.Choose(bound.Split(';'), () => "192.0.2.7"));

    [Theory]
    [InlineData("http://unix:/run/fn.sock")]
    [InlineData("https://10.1.2.3:8443")]
    public void Choose_NothingOthersReach_SaysWhatToSet(string bound)
    {
        var e = Assert.Throws<FnStartException>(() => AdvertisedAddress.Choose([bound], () => "192.0.2.7"));
        Assert.Contains("Fn:Runner:AdvertiseAddress", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("http://10.0.0.5:8081", true)]
    [InlineData("http://runner:8081/", true)]
    [InlineData("https://10.0.0.5:8081", false)]
    [InlineData("10.0.0.5:8081", false)]
    [InlineData("http://10.0.0.5:8081/path", false)]
    public void Validate_AdvertiseAddress_IsAnHttpAddress(string? address, bool valid) =>
        Assert.Equal(valid, new RunnerOptionsValidator().Validate(null, new RunnerOptions { AdvertiseAddress = address }).Succeeded);
}
