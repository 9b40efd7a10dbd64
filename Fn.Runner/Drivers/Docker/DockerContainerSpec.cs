using Docker.DotNet.Models;
using Fn.Runner.Containers;

namespace Fn.Runner.Drivers.Docker;

/// <summary>Writes down for the engine how a function's container is to be: what it runs, its limits, and all that it may not do.</summary>
internal static class DockerContainerSpec
{
    private const string ContainerUser = "1000:1000";
    private const long MaxLockedMemory = 65_536;
    private const long MaxPendingSignals = 5_000;
    private const long MaxQueuedMessages = 819_200;

    public static CreateContainerParameters Create(Drivers.ContainerSpec spec, ContainerOptions options, DockerOptions docker, bool useImageUser)
    {
        // A function that is reached by a socket has nothing to read.
        var hasInput = spec.SocketDirectory is null;
        return new CreateContainerParameters
        {
            Name = $"fn-{spec.Id}",
            Image = spec.Function.Image,
            Hostname = Environment.MachineName,
            User = useImageUser ? "" : ContainerUser,
            Env = [.. spec.Environment.Select(entry => $"{entry.Key}={entry.Value}")],
            AttachStdin = hasInput,
            OpenStdin = hasInput,
            StdinOnce = hasInput,
            AttachStdout = true,
            AttachStderr = true,
            Labels = new Dictionary<string, string>
            {
                [DockerLabels.Runner] = spec.RunnerId,
                [DockerLabels.Function] = spec.Function.FunctionId,
                [DockerLabels.App] = spec.Function.AppId,
            },
            HostConfig = HostConfig(spec, options, docker),
        };
    }

    private static HostConfig HostConfig(Drivers.ContainerSpec spec, ContainerOptions options, DockerOptions docker) => new()
    {
        Memory = spec.Function.MemoryBytes,
        // As much as the memory: no swap.
        MemorySwap = spec.Function.MemoryBytes,
        MemorySwappiness = 0,
        PidsLimit = options.MaxProcesses,
        CPUShares = CpuLimits.SharesOf(spec.Function.MemoryBytes),
        NanoCPUs = options.Cpus is { } cpus ? CpuLimits.NanosOf(cpus) : 0,
        Ulimits =
        [
            Limit("nofile", options.MaxOpenFiles), Limit("memlock", MaxLockedMemory), Limit("sigpending", MaxPendingSignals), Limit("msgqueue", MaxQueuedMessages),
        ],
        CapDrop = ["ALL"],
        SecurityOpt = ["no-new-privileges"],
        ReadonlyRootfs = options.ReadOnlyRoot,
        // Counts as the function's memory, so it cannot be larger than that.
        Tmpfs = new Dictionary<string, string> { ["/tmp"] = $"rw,nosuid,nodev,mode=1777,size={spec.Function.MemoryBytes}" },
        Mounts = spec.SocketDirectory is { } directory ? [new Mount { Type = "bind", Source = directory, Target = Drivers.ContainerSpec.SocketMount }] : [],
        NetworkMode = docker.Network,
        LogConfig = new LogConfig { Type = "none" },
        Init = true,
    };

    private static Ulimit Limit(string name, long most) => new() { Name = name, Soft = most, Hard = most };
}
