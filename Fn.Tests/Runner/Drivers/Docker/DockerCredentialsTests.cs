using System.Text;
using Fn.Runner.Drivers.Docker;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Testing;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>Alone, for the place of the configuration is a variable of the process.</summary>
[Collection(Alone.Name)]
public sealed class DockerCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-docker-").FullName;
    private readonly string? _before = Environment.GetEnvironmentVariable("DOCKER_CONFIG");
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");
    private readonly WatchedTimeProvider _time = new();
    private readonly FakeLogger<DockerCredentials> _log = new();
    private readonly DockerCredentials _credentials;

    public DockerCredentialsTests()
    {
        _credentials = new DockerCredentials(_time, _log);
        Environment.SetEnvironmentVariable("DOCKER_CONFIG", _directory);
        Environment.SetEnvironmentVariable("PATH", $"{_directory}:{_path}");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("DOCKER_CONFIG", _before);
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("registry.example.com", "one", "p:1")]
    [InlineData("https://index.docker.io/v1/", "hub", "h")]
    [InlineData("other.example.com", null, null)]
    public async Task ForAsync_Registry_IsWhatLoginLeft(string registry, string? user, string? password)
    {
        Write($$$"""
            {"auths":{
              "https://index.docker.io/v1/access-token":{"auth":"{{{Encode("wrong:w")}}}"},
              "https://index.docker.io/v1/":{"auth":"{{{Encode("hub:h")}}}"},
              "https://registry.example.com":{"auth":"{{{Encode("one:p:1")}}}"}
            }}
            """);

        var found = await _credentials.ForAsync(registry, Cancel);

        Assert.Equal((user, password), (found?.Username, found?.Password));
    }

    [Fact]
    public async Task ForAsync_IdentityToken_IsPassedOn()
    {
        Write("""{"auths":{"registry.example.com":{"identitytoken":"token"}}}""");

        Assert.Equal("token", (await _credentials.ForAsync("registry.example.com", Cancel))!.IdentityToken);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("{\"auths\":{\"r.example.com\":{\"auth\":\"no base 64\"}}}")]
    [InlineData("{\"auths\":{\"r.example.com\":{}}}")]
    public async Task ForAsync_NothingThatCanBeUsed_IsNone(string config)
    {
        Write(config);

        Assert.Null(await _credentials.ForAsync("r.example.com", Cancel));
    }

    [Fact]
    public async Task ForAsync_NoConfiguration_IsNone() => Assert.Null(await _credentials.ForAsync("r.example.com", Cancel));

    [Theory]
    [InlineData("{\"credHelpers\":{\"r.example.com\":\"test\"}}", "r.example.com")]
    [InlineData("{\"credHelpers\":{\"https://r.example.com\":\"test\"},\"credsStore\":\"other\"}", "r.example.com")]
    [InlineData("{\"credsStore\":\"test\",\"auths\":{\"r.example.com\":{\"auth\":\"d3Jvbmc6dw==\"}}}", "r.example.com")]
    [InlineData("{\"credsStore\":\"test\"}", "https://index.docker.io/v1/")]
    public async Task ForAsync_HelperIsNamed_IsWhatItSaysOfTheRegistry(string config, string registry)
    {
        Write(config);
        Helper("test", """read server; echo "{\"ServerURL\":\"$server\",\"Username\":\"$1\",\"Secret\":\"for $server\"}" """);

        var found = await _credentials.ForAsync(registry, Cancel);

        Assert.Equal(("get", $"for {registry}", registry), (found?.Username, found?.Password, found?.ServerAddress));
    }

    [Fact]
    public async Task ForAsync_HelperHasAToken_IsPassedOnAsOne()
    {
        Write("{\"credsStore\":\"test\"}");
        Helper("test", """echo '{"Username":"<token>","Secret":"token"}'""");

        var found = await _credentials.ForAsync("r.example.com", Cancel);

        Assert.Equal((null, "token"), (found?.Username, found?.IdentityToken));
    }

    [Theory]
    [InlineData("test", "echo credentials not found in native keychain; exit 1", null)]
    [InlineData("test", "echo 'cannot open it: secret'; exit 3", "it ended with exit code 3")]
    [InlineData("test", "echo hello", "it printed no credentials")]
    [InlineData("test", "echo '{}'", "it printed no credentials")]
    [InlineData("test", "exec /bin/busybox yes", "it printed more than 65536 characters")]
    [InlineData("none", "", "there is no such program on PATH")]
    [InlineData("../test", "", "there is no such program on PATH")]
    public async Task ForAsync_HelperGivesNone_IsNoneAndTheLogSaysWhy(string name, string script, string? reason)
    {
        Write($$$"""{"credHelpers":{"r.example.com":"{{{name}}}"}}""");
        Helper("test", script);

        Assert.Null(await _credentials.ForAsync("r.example.com", Cancel));

        string[] expected = reason is null
            ? []
            : [$"Registry r.example.com is asked without credentials, for docker-credential-{name}, which the Docker configuration names, gave none: {reason}"];
        Assert.Equal(expected, _log.Collector.GetSnapshot().Select(record => record.Message));
    }

    [Fact]
    public async Task ForAsync_HelperDoesNotAnswer_IsNoneAfterItsLimit()
    {
        Write("{\"credsStore\":\"test\"}");
        Helper("test", "exec sleep 1000");
        var asking = _credentials.ForAsync("r.example.com", Cancel).AsTask();
        await _time.TimerCreated.WaitAsync(Cancel);

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(await asking);
        Assert.EndsWith("it did not answer within 30 s", _log.LatestRecord.Message, StringComparison.Ordinal);
    }

    private void Helper(string name, string script)
    {
        var file = Path.Combine(_directory, $"docker-credential-{name}");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private void Write(string config) => File.WriteAllText(Path.Combine(_directory, "config.json"), config);
}
