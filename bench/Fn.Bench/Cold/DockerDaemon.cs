using System.Diagnostics;
using System.Runtime.InteropServices;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Fn.Bench.Cold;

/// <summary>A Docker engine for the time of a measurement.</summary>
internal sealed partial class DockerDaemon : IAsyncDisposable
{
    private const int SigTerm = 15;

    private readonly Process _process;

    private DockerDaemon(Process process, string host) => (_process, Host) = (process, host);

    public string Host { get; }

    public static async Task<DockerDaemon> StartAsync(string directory, string archive, CancellationToken cancel)
    {
        var host = $"unix://{directory}/d.sock";
        string[] arguments = ["--data-root", $"{directory}/docker", "--exec-root", $"{directory}/exec", "--pidfile", $"{directory}/pid", "--host", host];
        var process = new Process { StartInfo = new ProcessStartInfo("dockerd", arguments) { RedirectStandardError = true, RedirectStandardOutput = true } };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("API listen on", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        };
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var daemon = new DockerDaemon(process, host);
        if (await Task.WhenAny(ready.Task, process.WaitForExitAsync(cancel)) != ready.Task)
            throw new InvalidOperationException("dockerd ended before it listened.");
        using var client = new DockerClientBuilder().WithEndpoint(new Uri(host)).Build();
        await using var image = File.OpenRead(archive);
        await client.Images.LoadImageAsync(new ImageLoadParameters { Quiet = true }, image, new Progress<JSONMessage>(), cancel);
        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        _ = SendSignal(_process.Id, SigTerm);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
