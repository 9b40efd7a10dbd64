using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Fn.Tests.EndToEnd;

/// <summary>A gateway or runner as its operator runs it: a process of its own, found by what it prints, stopped by signals.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = new();

    private ServiceProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>All it has printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a service and waits until it listens.</summary>
    /// <param name="name"><c>Fn.Api</c> or <c>Fn.Runner</c>.</param>
    /// <param name="settings">Its command line; those that begin with <c>OTEL_</c> are variables of its environment.</param>
    public static async Task<ServiceProcess> StartAsync(string name, params string[] settings)
    {
        var service = Launch(name, settings);
        var exited = service._process.WaitForExitAsync();
        if (await Task.WhenAny(service._address.Task, exited) == exited)
            throw new InvalidOperationException($"{name} ended with {service.ExitCode} before it listened:\n{service.Output}");
        service.Address = await service._address.Task;
        return service;
    }

    /// <summary>Starts a service that is expected to end by itself, and waits for that.</summary>
    public static async Task<ServiceProcess> RunAsync(string name, params string[] settings)
    {
        var service = Launch(name, settings);
        await service._process.WaitForExitAsync();
        return service;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, without waiting for the end.</summary>
    public void Terminate() => _ = SendSignal(_process.Id, SigTerm);

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Terminate();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
            }
        }
        _process.Dispose();
    }

    private static ServiceProcess Launch(string name, string[] settings)
    {
        // artifacts/bin/Fn.Tests/debug → artifacts/bin/NAME/debug
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var folder = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name);
        var start = new ProcessStartInfo(Path.Combine(folder, name), settings.Where(setting => !IsVariable(setting)))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("Fn__", StringComparison.Ordinal) || key.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || IsVariable(key)).ToList())
            start.Environment.Remove(variable);
        foreach (var setting in settings.Where(IsVariable))
            start.Environment[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        var service = new ServiceProcess(new Process { StartInfo = start });
        service._process.OutputDataReceived += (_, line) => service.Note(line.Data);
        service._process.ErrorDataReceived += (_, line) => service.Note(line.Data);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    private static bool IsVariable(string setting) => setting.StartsWith("OTEL_", StringComparison.Ordinal);

    private void Note(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
            _address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
