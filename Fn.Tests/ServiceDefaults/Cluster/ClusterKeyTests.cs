using System.Security.Cryptography;
using System.Text;
using Fn.ServiceDefaults.Cluster;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Cluster;

public sealed class ClusterKeyTests
{
    private readonly ClusterKey _key = new("a secret of some length");

    [Fact]
    public void VerifyRequest_SignedWithTheKey_IsTrue() =>
        Assert.True(_key.VerifyRequest("runner", "POST", "/runner/v1/calls/1", _key.SignRequest("runner", "POST", "/runner/v1/calls/1")));

    [Theory]
    [InlineData(1)]
    [InlineData(600)]
    [InlineData(5_000)]
    public void SignRequest_ManyAtOnce_EachIsTheHmacOfItsLines(int length) => Parallel.For(0, 500, i =>
    {
        var path = $"/{i}/" + new string('\u00e9', length);

        var expected = HMACSHA256.HashData("a secret of some length"u8, Encoding.UTF8.GetBytes($"request\nrunner\nPOST\n{path}"));
        Assert.Equal(Convert.ToHexStringLower(expected), _key.SignRequest("runner", "POST", path));
        Assert.True(_key.VerifyRequest("runner", "POST", path, Convert.ToHexStringLower(expected)));
    });

    [Theory]
    [InlineData("other", "POST", "/runner/v1/calls/1")]
    [InlineData("runner", "PUT", "/runner/v1/calls/1")]
    [InlineData("runner", "POST", "/runner/v1/calls/2")]
    public void VerifyRequest_SignedForSomethingElse_IsFalse(string runner, string method, string path) =>
        Assert.False(_key.VerifyRequest(runner, method, path, _key.SignRequest("runner", "POST", "/runner/v1/calls/1")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public void VerifyRequest_NoProof_IsFalse(string? mac) => Assert.False(_key.VerifyRequest("runner", "POST", "/", mac));

    [Fact]
    public void VerifyRequest_SignedWithAnotherKey_IsFalse() =>
        Assert.False(_key.VerifyRequest("runner", "POST", "/", new ClusterKey("another secret of some length").SignRequest("runner", "POST", "/")));

    [Fact]
    public void VerifyRunner_OtherAddress_IsFalse()
    {
        var mac = _key.SignRunner("runner", "http://10.0.0.1:8081");

        Assert.True(_key.VerifyRunner("runner", "http://10.0.0.1:8081", mac));
        Assert.False(_key.VerifyRunner("runner", "http://10.0.0.2:8081", mac));
        Assert.False(_key.VerifyRunner("other", "http://10.0.0.1:8081", mac));
    }

    [Fact]
    public void VerifyRunner_ProofOfARequest_IsNone() =>
        Assert.False(_key.VerifyRunner("runner", "POST\n/", _key.SignRequest("runner", "POST", "/")));

    [Fact]
    public void None_SignsNothingAndBelievesEverything()
    {
        Assert.False(ClusterKey.None.IsSet);
        Assert.Null(ClusterKey.None.SignRequest("runner", "POST", "/"));
        Assert.True(ClusterKey.None.VerifyRequest("runner", "POST", "/", null));
    }

    [Theory]
    [InlineData("s3cret", false)]
    [InlineData("exactly 16 chars", true)]
    [InlineData(null, true)]
    public void Validate_Key_HasAtLeast16Characters(string? key, bool valid)
    {
        var result = new ClusterOptionsValidator().Validate(null, new ClusterOptions { Key = key });

        Assert.Equal(valid, result.Succeeded);
        Assert.DoesNotContain(key ?? "s3cret", result.FailureMessage ?? "", StringComparison.Ordinal);
    }
}
