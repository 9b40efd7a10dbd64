using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fn.Runner.Drivers.Process;
using Fn.Runner.Linux;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>A program that runs and ends soon: a runtime that is told to do something.</summary>
internal sealed class Command(ChildProcess process) : IWatchedChild, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildProcess _process = process;
    private readonly ProcessPipes _pipes = ProcessPipes.Take(process);
    private bool _disposed;

    /// <summary>Its number while it runs.</summary>
    public int Id { get; } = process.Id;

    /// <summary>Its exit code.</summary>
    public Task<int> Ended => _ended.Task;

    public Stream Input => _pipes.Input;

    public Stream Output => _pipes.Output;

    public Stream Error => _pipes.Error;

    /// <summary>Starts a program, all its streams pipes. Throws <see cref="Win32Exception"/>.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="children">Tells when it has ended.</param>
    /// <param name="unseen">A mount point that it must not see; null: none.</param>
    public static Command Start(IReadOnlyList<string> command, ChildWatch children, string? unseen = null)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        children.Prepare();
        var started = new Command(unseen is null ? ChildProcess.Start(info)! : StartWithout(unseen, info));
        children.Add(started);
        return started;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="children">Tells when it has ended.</param>
    /// <param name="input">What it is given to read, which it reads before it writes more than a pipe holds; null: nothing.</param>
    /// <param name="limit">From when on it is killed; null: it may take as long as it takes.</param>
    /// <param name="unseen">A mount point that it must not see; null: none.</param>
    /// <returns>Its exit code and what it wrote; a code below zero when it could not be started, or was killed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(
        IReadOnlyList<string> command, ChildWatch children, string? input = null, TimeSpan? limit = null, string? unseen = null)
    {
        try
        {
            using var started = Start(command, children, unseen);
            await WriteAsync(started.Input, input);
            using var output = new StreamReader(started.Output);
            using var error = new StreamReader(started.Error);
            // By the machine's own clock: it is a process of this machine. What it started may hold the streams open after its own end.
            using var late = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan, TimeProvider.System);
            try
            {
                var texts = await Task.WhenAll(output.ReadToEndAsync(late.Token), error.ReadToEndAsync(late.Token));
                // They come in a thread that hears of pipes and sockets, and others wait to be heard of; what follows removes files, or starts the next program.
                await Task.Yield();
                return (await started.Ended.WaitAsync(late.Token), string.Concat(texts).Trim());
            }
            catch (OperationCanceledException)
            {
                started.Kill();
                return (-1, string.Create(CultureInfo.InvariantCulture, $"killed: it did not end within {limit}"));
            }
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }

    private static ChildProcess StartWithout(string unseen, ProcessStartInfo info)
    {
        try
        {
            return MountNamespace.Without(unseen, () => ChildProcess.Start(info)!);
        }
        catch (IOException e)
        {
            // Nothing was started, and that is what callers know of.
            throw new Win32Exception(e.Message, e);
        }
    }

    private static async Task WriteAsync(Stream stream, string? input)
    {
        try
        {
            if (input is not null)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(input));
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // It has ended without reading, and says why.
        }
    }

    public bool CheckEnded()
    {
        lock (_lock)
        {
            if (_ended.Task.IsCompleted)
                return true;
            if (!_process.HasExited)
                return false;
            _ended.TrySetResult(_process.ExitCode);
            // Nobody waited for it any more.
            if (_disposed)
                _process.Dispose();
            return true;
        }
    }

    public void Kill()
    {
        lock (_lock)
        {
            if (!_disposed && !_ended.Task.IsCompleted)
                _process.Kill();
        }
    }

    /// <summary>Lets go of the process; its streams are closed by whoever took them.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            // The handle of an ended process is asked for nothing any more.
            _disposed = true;
            if (_ended.Task.IsCompleted)
                _process.Dispose();
        }
    }
}
