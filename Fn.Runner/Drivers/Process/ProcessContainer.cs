using System.ComponentModel;
using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// A function as a child process with a process group and a temporary directory of its own. <see cref="ProcessStartInfo"/> has no setsid, so the child is
/// the <c>setsid</c> program, which turns itself into the function and keeps its process id.
/// </summary>
#pragma warning disable CA1001 // Its end is its removal, which disposes what it owns.
internal sealed partial class ProcessContainer(
    string id, ProcessStartInfo startInfo, string label, string temporaryDirectory, ChildWatch children, ProcessSweeper sweeper, TimeProvider time, ILogger logger)
    : IContainer, IWatchedChild
#pragma warning restore CA1001
{
    private const int KilledExitCode = 128 + Native.SigKill;

    /// <summary>How long a reader may take to the end of what the function wrote.</summary>
    private static readonly TimeSpan ReaderGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ContainerExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _process;
    private Stream? _input;
    private FunctionOutput? _output;
    private FunctionOutput? _log;
    private Task? _removal;

    public string Id { get; } = id;

    public Stream Input => _input ?? throw NotStarted();

    public Stream Output => _output ?? throw NotStarted();

    public Stream Log => _log ?? throw NotStarted();

    public Task<ContainerExit> Ended => _ended.Task;

    private ChildProcess Running => _process ?? throw NotStarted();

    public ValueTask<CallFailure?> StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        children.Prepare();
        lock (_lock)
        {
            if (_removal is not null || _process is not null)
                throw new InvalidOperationException("A container is started once.");
            try
            {
                _process = ChildProcess.Start(startInfo)!;
                var pipes = ProcessPipes.Take(_process);
                _input = pipes.Input;
                _output = new FunctionOutput(pipes.Output);
                _log = new FunctionOutput(pipes.Error);
            }
            catch (Win32Exception e)
            {
                return ValueTask.FromResult<CallFailure?>(new CallFailure(CallError.InitializationFailed) { Detail = e.Message });
            }
        }
        children.Add(this);
        return ValueTask.FromResult<CallFailure?>(null);
    }

    public Task RemoveAsync()
    {
        lock (_lock)
            return _removal ??= Task.Run(RemoveCoreAsync);
    }

    /// <summary>Looks whether the process has ended; true once it has.</summary>
    public bool CheckEnded()
    {
        lock (_lock)
        {
            if (_ended.Task.IsCompleted)
                return true;
            if (!Running.HasExited)
                return false;
            _ended.TrySetResult(new ContainerExit(Running.ExitCode, OutOfMemory: false));
            return true;
        }
    }

    private async Task RemoveCoreAsync()
    {
        if (_process is { } process)
        {
            Kill(process);
            await _ended.Task;
        }
        else
        {
            _ended.TrySetResult(new ContainerExit(KilledExitCode, OutOfMemory: false));
        }
        await sweeper.SweepAsync(label);
        await CloseAsync();
        DeleteTemporaryDirectory();
    }

    private void Kill(ChildProcess process)
    {
        lock (_lock)
        {
            // Once the process has ended its number may be another's; what is left of its group carries the label and is found by the sweep.
            if (_ended.Task.IsCompleted || process.HasExited)
                return;
            _ = Native.Kill(-process.Id, Native.SigKill);
            try
            {
                // Thread A (here) may be faster than the child is in becoming the leader of its own group.
                process.Kill();
            }
            catch (Win32Exception e)
            {
                Messages.KillFailed(logger, e, Id);
            }
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_process is not { } process)
            return;
        // Every writing end is closed now, so whoever still reads comes to the end by itself, unless it is stuck.
        await Task.WhenAny(Task.WhenAll(_output!.ReaderLeft, _log!.ReaderLeft), Task.Delay(ReaderGrace, time));
        foreach (var stream in (Stream[])[Input, Output, Log])
        {
            try
            {
                await stream.DisposeAsync();
            }
            catch (IOException)
            {
                // A pipe whose other end is gone: closed all the same.
            }
        }
        process.Dispose();
    }

    private void DeleteTemporaryDirectory()
    {
        try
        {
            Directory.Delete(temporaryDirectory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The function may remove it itself.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Messages.DirectoryLeft(logger, e, temporaryDirectory, Id);
        }
    }

    private static InvalidOperationException NotStarted() => new("The container was not started.");

    private static partial class Messages
    {
        [LoggerMessage(2502, LogLevel.Warning, "The process of container {ContainerId} could not be killed")]
        public static partial void KillFailed(ILogger logger, Exception exception, string containerId);

        [LoggerMessage(2503, LogLevel.Warning, "The temporary directory {Directory} of container {ContainerId} could not be removed")]
        public static partial void DirectoryLeft(ILogger logger, Exception exception, string directory, string containerId);
    }
}
