using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Contracts;

public sealed class FunctionSpecTests
{
    [Fact]
    public void Revision_AnythingChanged_IsAnother()
    {
        FunctionSpec[] specs =
        [
            Spec(), Spec(image: "other"), Spec(format: FunctionFormat.Default), Spec(memory: 256), Spec(timeout: 31), Spec(idle: 31), Spec(config: ("A", "c")),
            Spec(config: ("B", "b")), Spec(annotations: ("x", "2")), Spec(annotations: ("A", "b")),
        ];

        Assert.Equal(specs.Length, specs.Select(spec => spec.Revision).Distinct().Count());
        Assert.Equal(Spec().Revision, Spec().Revision);
        Assert.Matches("^[0-9a-f]{32}$", Spec().Revision);
    }

    [Fact]
    public void Revision_HowManyAreKeptChanged_IsTheSame()
    {
        var none = Spec(annotations: ("fn.min_hot", "1"));
        Assert.Equal(none.Revision, Spec(annotations: ("fn.min_hot", "2")).Revision);
        Assert.Equal(none.Revision, Spec(annotations: ("fn.warm_update", "false")).Revision);
        Assert.NotEqual(none.Revision, Spec(annotations: ("fn.max_containers", "2")).Revision);
    }

    [Theory]
    [InlineData("2", FunctionFormat.Http, 2)]
    [InlineData("1000", FunctionFormat.HttpStream, 1000)]
    [InlineData("1001", FunctionFormat.Http, 1000)]
    [InlineData("2", FunctionFormat.Default, 0)]
    [InlineData("0", FunctionFormat.Http, 0)]
    [InlineData("-1", FunctionFormat.Http, 0)]
    [InlineData("1.5", FunctionFormat.Http, 0)]
    [InlineData("\"2\"", FunctionFormat.Http, 0)]
    public void MinHot_Annotation_IsReadAndBounded(string annotation, string format, int expected) =>
        Assert.Equal(expected, Spec(format: format, annotations: ("fn.min_hot", annotation)).MinHot);

    private static FunctionSpec Spec(
        string image = "image", string format = FunctionFormat.Http, int memory = 128, int timeout = 30, int idle = 30,
        (string Key, string Value)? config = null, (string Key, string Value)? annotations = null) => new()
        {
            FunctionId = "f",
            FunctionName = "f",
            AppId = "a",
            AppName = "a",
            Image = image,
            Format = format,
            MemoryMiB = memory,
            TimeoutSeconds = timeout,
            IdleTimeoutSeconds = idle,
            Config = Map(config ?? ("A", "b")),
            Annotations = Map(annotations ?? ("x", "1")),
        };

    private static Dictionary<string, string> Map((string Key, string Value) entry) => new() { [entry.Key] = entry.Value };
}
