using System.Diagnostics;
using System.Runtime.InteropServices;
using Docker.DotNet;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>A Docker engine of the tests' own, with its own data, stopped when they are done. Nothing is pulled: images are made from files of this machine.</summary>
public sealed partial class DockerEngineFixture : IAsyncLifetime
{
    private const string Daemon = "/usr/sbin/dockerd";
    private const int SigTerm = 15;

    private static readonly string[] Needed = [Daemon, "/bin/busybox", "/usr/sbin/iptables", "/usr/bin/gcc"];

    // Short, for a socket's path is limited.
    private readonly string _directory = Directory.CreateTempSubdirectory("fnd-").FullName;
    private readonly List<string> _output = [];
    private ChildProcess? _daemon;
    private DockerClient? _client;

    /// <summary>Why there is no engine; null: there is one.</summary>
    public string? Missing { get; } = Needed.FirstOrDefault(file => !File.Exists(file)) is { } file
        ? $"needs {file} (packages docker.io, iptables, busybox-static, gcc)"
        : geteuid() != 0 ? "needs root to start a Docker engine" : null;

    public string Host => $"unix://{_directory}/docker.sock";

    internal DockerTestImages Images { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        await StartAsync();
        _client = new DockerClientBuilder().WithEndpoint(new Uri(Host)).Build();
        Images = new DockerTestImages(_client);
    }

    /// <summary>Starts the engine, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] arguments = ["--data-root", $"{_directory}/data", "--exec-root", $"{_directory}/exec", "--pidfile", $"{_directory}/pid", "--host", Host];
        _daemon = new ChildProcess { StartInfo = new ProcessStartInfo(Daemon, arguments) { RedirectStandardError = true, RedirectStandardOutput = true } };
        _daemon.ErrorDataReceived += (_, line) =>
        {
            lock (_output)
                _output.Add(line.Data ?? "");
            if (line.Data?.Contains("API listen on", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        _daemon.Start();
        _daemon.BeginErrorReadLine();
        _daemon.BeginOutputReadLine();
        var exited = _daemon.WaitForExitAsync();
        if (await Task.WhenAny(ready.Task, exited) == exited)
            throw new InvalidOperationException($"dockerd ended:\n{string.Join('\n', _output)}");
    }

    /// <summary>Stops the engine, and with it all containers.</summary>
    public async Task StopAsync()
    {
        if (_daemon is null)
            return;
        _ = kill(_daemon.Id, SigTerm);
        await _daemon.WaitForExitAsync();
        _daemon.Dispose();
        _daemon = null;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Ends a test that needs the engine where there is none.</summary>
    public void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    /// <summary>Names of the containers that there are, running or not.</summary>
    internal async Task<List<string>> ContainersAsync()
    {
        var found = await _client!.Containers.ListContainersAsync(new() { All = true }, TestContext.Current.CancellationToken);
        return [.. found.SelectMany(container => container.Names)];
    }

    /// <summary>Names of the containers that run.</summary>
    internal async Task<List<string>> RunningAsync()
    {
        var found = await _client!.Containers.ListContainersAsync(new(), TestContext.Current.CancellationToken);
        return [.. found.SelectMany(container => container.Names)];
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
