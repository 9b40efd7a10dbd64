using System.Text;
using Fn.Runner.Drivers.Docker;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>Alone, for the place of the configuration is a variable of the process.</summary>
[Collection(Alone.Name)]
public sealed class DockerCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-docker-").FullName;
    private readonly string? _before = Environment.GetEnvironmentVariable("DOCKER_CONFIG");
    private readonly DockerCredentials _credentials = new(NullLogger<DockerCredentials>.Instance);

    public DockerCredentialsTests() => Environment.SetEnvironmentVariable("DOCKER_CONFIG", _directory);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("DOCKER_CONFIG", _before);
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("registry.example.com", "one", "p:1")]
    [InlineData("https://index.docker.io/v1/", "hub", "h")]
    [InlineData("other.example.com", null, null)]
    public void For_Registry_IsWhatLoginLeft(string registry, string? user, string? password)
    {
        Write($$$"""
            {"auths":{
              "https://index.docker.io/v1/access-token":{"auth":"{{{Encode("wrong:w")}}}"},
              "https://index.docker.io/v1/":{"auth":"{{{Encode("hub:h")}}}"},
              "https://registry.example.com":{"auth":"{{{Encode("one:p:1")}}}"}
            }}
            """);

        var found = _credentials.For(registry);

        Assert.Equal((user, password), (found?.Username, found?.Password));
    }

    [Fact]
    public void For_IdentityToken_IsPassedOn()
    {
        Write("""{"auths":{"registry.example.com":{"identitytoken":"token"}}}""");

        Assert.Equal("token", _credentials.For("registry.example.com")!.IdentityToken);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("{\"auths\":{\"r.example.com\":{\"auth\":\"no base 64\"}}}")]
    [InlineData("{\"auths\":{\"r.example.com\":{}}}")]
    public void For_NothingThatCanBeUsed_IsNone(string config)
    {
        Write(config);

        Assert.Null(_credentials.For("r.example.com"));
    }

    [Fact]
    public void For_NoConfiguration_IsNone() => Assert.Null(_credentials.For("r.example.com"));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private void Write(string config) => File.WriteAllText(Path.Combine(_directory, "config.json"), config);
}
