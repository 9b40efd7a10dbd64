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
