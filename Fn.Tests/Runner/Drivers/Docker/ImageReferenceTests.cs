using Fn.Runner.Drivers.Docker;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("hello", "hello", "latest", ImageReference.DefaultRegistry)]
    [InlineData("fn/hello:0.0.2", "fn/hello", "0.0.2", ImageReference.DefaultRegistry)]
    [InlineData("docker.io/library/a_b.c--d", "docker.io/library/a_b.c--d", "latest", ImageReference.DefaultRegistry)]
    [InlineData("localhost/x:1", "localhost/x", "1", "localhost")]
    [InlineData("Registry.Example:5000/team/x:v1", "Registry.Example:5000/team/x", "v1", "Registry.Example:5000")]
    [InlineData($"x@{Digest}", "x", Digest, ImageReference.DefaultRegistry)]
    [InlineData($"x:1@{Digest}", "x", Digest, ImageReference.DefaultRegistry)]
    public void Parse_Reference_TakesItApart(string image, string repository, string tag, string registry)
    {
        var reference = ImageReference.Parse(image);

        Assert.Equal((repository, tag, registry), (reference?.Repository, reference?.Tag, reference?.Registry));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Hello")]
    [InlineData("a b")]
    [InlineData("hello:")]
    [InlineData("hello:-x")]
    [InlineData("hello\n")]
    [InlineData("../containers/x")]
    [InlineData("a//b")]
    [InlineData("hello?fromSrc=x")]
    [InlineData("hello#x")]
    [InlineData("hello@sha256:12")]
    public void Parse_NoReference_IsNull(string image)
    {
        Assert.Null(ImageReference.Parse(image));
    }
}
