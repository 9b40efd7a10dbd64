using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fn.AppHost.Offline;

/// <summary>A resource's process. What it prints goes on with the resource's name in front of each line.</summary>
internal sealed partial class ResourceProcess
{
    public const int SigTerm = 15;
    public const int SigKill = 9;

    private const int KeptLines = 15;

    private readonly string _prefix;
    private readonly Process _process;
    private readonly TextWriter _output;
    private readonly ConcurrentQueue<string> _last = new();
    private readonly Task _printed;

    private ResourceProcess(string prefix, Process process, TextWriter output)
    {
        (_prefix, _process, _output) = (prefix, process, output);
        _printed = Task.WhenAll(PrintAsync(process.StandardOutput), PrintAsync(process.StandardError));
        Exited = process.WaitForExitAsync();
    }

    public Task Exited { get; }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <param name="launcher">Starts it.</param>
    /// <param name="prefix">What stands in front of each line it prints.</param>
    /// <param name="start">The program; its streams are redirected here.</param>
    /// <param name="input">What it reads on standard input, which then ends.</param>
    /// <param name="output">Where its lines go.</param>
    public static async Task<ResourceProcess> StartAsync(Launcher launcher, string prefix, ProcessStartInfo start, string input, TextWriter output)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = await launcher.StartAsync(start);
        var started = new ResourceProcess(prefix, process, output);
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already; whoever awaits that says so.
        }
        return started;
    }

    /// <summary>Completes when it has ended and its last lines are printed. Those are not waited for for ever: a process that it started may hold its output open.</summary>
    public async Task EndAsync()
    {
        await Exited;
        await Task.WhenAny(_printed, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
    }

    /// <summary>Its last lines, once it has ended.</summary>
    public async Task<string> LastLinesAsync()
    {
        await EndAsync();
        return string.Join('\n', _last.Select(line => "  " + line));
    }

    public void Send(int signal)
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, signal);
    }

    private async Task PrintAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _last.Enqueue(line);
            if (_last.Count > KeptLines)
                _last.TryDequeue(out _);
            try
            {
                await _output.WriteLineAsync(_prefix + line);
            }
            catch (IOException)
            {
                // The terminal is gone. Its output is still read, or the process would come to a halt for want of room.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
