using Docker.DotNet.Models;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Docker;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>What the contract says of containers, as the engine is told.</summary>
public sealed class DockerContainerSpecTests
{
    [Fact]
    public void Create_Container_HasTheContractsLimitsAndMayNothingElse()
    {
        var host = Create(FunctionFormat.HttpStream, "/sockets/one").HostConfig!;

        Assert.Equal((128L << 20, 128L << 20, 0L), (host.Memory, host.MemorySwap, host.MemorySwappiness));
        Assert.Equal(50, host.PidsLimit);
        Assert.Equal((1024L, 0L), (host.CPUShares, host.NanoCPUs));
        Assert.Equal(
            ["memlock 65536 65536", "msgqueue 819200 819200", "nofile 350 350", "sigpending 5000 5000"],
            host.Ulimits!.Select(limit => $"{limit.Name} {limit.Soft} {limit.Hard}").Order(StringComparer.Ordinal));
        Assert.Equal(["ALL"], host.CapDrop!);
        Assert.Equal(["no-new-privileges"], host.SecurityOpt!);
        Assert.Equal((true, true), (host.ReadonlyRootfs, host.Init));
        Assert.Equal("/tmp", Assert.Single(host.Tmpfs!).Key);
        Assert.Equal("none", host.LogConfig!.Type);
        var mount = Assert.Single(host.Mounts!);
        Assert.Equal(("bind", "/sockets/one", "/tmp/iofs"), (mount.Type, mount.Source, mount.Target));
    }

    [Theory]
    [InlineData(FunctionFormat.HttpStream, "/sockets/one", false)]
    [InlineData(FunctionFormat.Http, null, true)]
    [InlineData(FunctionFormat.Default, null, true)]
    public void Create_StandardInput_IsThereUnlessThereIsASocket(string format, string? socketDirectory, bool hasInput)
    {
        var parameters = Create(format, socketDirectory);

        Assert.Equal((hasInput, hasInput, hasInput), (parameters.AttachStdin, parameters.OpenStdin, parameters.StdinOnce));
        Assert.Equal((true, true), (parameters.AttachStdout, parameters.AttachStderr));
    }

    [Fact]
    public void Create_Container_RunsTheImagesOwnCommandAsUser1000()
    {
        var parameters = Create(FunctionFormat.Http, null);

        Assert.Equal(("1000:1000", "fn-id", Environment.MachineName), (parameters.User, parameters.Name, parameters.Hostname));
        Assert.Null(parameters.Entrypoint);
        Assert.Null(parameters.Cmd);
        Assert.Equal(["A=b"], parameters.Env);
        Assert.Equal("", Create(FunctionFormat.Http, null, useImageUser: true).User);
    }

    [Theory]
    [InlineData(64, 512)]
    [InlineData(1024, 8192)]
    [InlineData(65536, 262144)]
    public void Create_Processors_AreSharedByMemoryAndLimitedWhenAsked(int memoryMiB, long shares)
    {
        var host = Create(FunctionFormat.Http, null, memoryMiB: memoryMiB, cpus: 1.5).HostConfig!;

        Assert.Equal((shares, 1_500_000_000L), (host.CPUShares, host.NanoCPUs));
    }

    private static CreateContainerParameters Create(string format, string? socketDirectory, bool useImageUser = false, int memoryMiB = 128, double? cpus = null) => DockerContainerSpec.Create(
        new Fn.Runner.Drivers.ContainerSpec
        {
            Id = "id",
            RunnerId = "runner",
            Function = TestSpecs.Function("an/image", format, memoryMiB: memoryMiB),
            Environment = new Dictionary<string, string> { ["A"] = "b" },
            SocketDirectory = socketDirectory,
        },
        new ContainerOptions { Cpus = cpus },
        new DockerOptions(),
        useImageUser);
}
