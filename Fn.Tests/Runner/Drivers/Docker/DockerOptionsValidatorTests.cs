using Fn.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

public sealed class DockerOptionsValidatorTests
{
    [Theory]
    [InlineData("unix:///var/run/docker.sock", null)]
    [InlineData("tcp://10.0.0.5:2375", null)]
    [InlineData("docker", "Fn:Docker:Host is 'docker': allowed is unix:///path or tcp://host:port")]
    [InlineData("ssh://host", "Fn:Docker:Host is 'ssh://host': allowed is unix:///path or tcp://host:port")]
    public void Validate_Host_IsAnAddressOfAnEngine(string host, string? problem)
    {
        Assert.Equal(problem, new DockerOptionsValidator().Validate(null, new DockerOptions { Host = host }).FailureMessage);
    }

    [Fact]
    public void Validate_PathLongerThanASocketsMayBe_IsRefused()
    {
        var host = $"unix:///{new string('a', 91)}";

        Assert.Equal($"Fn:Docker:Host is '{host}': the path of a socket may have 91 bytes", new DockerOptionsValidator().Validate(null, new DockerOptions { Host = host }).FailureMessage);
    }
}
