using System.ComponentModel;
using System.Globalization;
using Fn.Runner.Drivers.Oci.Images;
using Fn.Runner.Drivers.Oci.Network;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers.Oci;

/// <summary>
/// A function as a container of a runtime. The runtime starts it and ends; its first process is then a child of this one, with the runtime's streams as its
/// own, so that nothing stands between function and runner while it lives.
/// </summary>
#pragma warning disable CA1001 // Its end is its removal, which disposes what it owns.
internal sealed partial class OciContainer(
    string id, bool hasInput, ContainerPlace place, RuntimeSetup setup, MountedImage image, ContainerNetwork? network, TimeProvider time, ILogger logger)
    : IContainer, IWatchedChild
#pragma warning restore CA1001
{
    private const int Killed = 128 + Native.SigKill;

    /// <summary>How long a reader may take to the end of what the function wrote, and a runtime to end that nobody needs any more.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ContainerExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Command? _runtime;
    private FunctionOutput? _output;
    private FunctionOutput? _log;
    private Task<int>? _starting;
    private Task? _removal;

    /// <summary>The number of its first process; null: there was none; 0: its end was collected, and the number may be another's.</summary>
    private int? _pid;
    private int? _firstProcess;
    private bool _adopted;

    public string Id { get; } = id;

    public Stream Input => Started.Input;

    public Stream Output => _output ?? throw NotStarted();

    public Stream Log => _log ?? throw NotStarted();

    public Task<ContainerExit> Ended => _ended.Task;

    private Command Started => _runtime ?? throw NotStarted();

    public async ValueTask<CallFailure?> StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_removal is not null || _runtime is not null)
                throw new InvalidOperationException("A container is started once.");
            Adoption.Begin();
            try
            {
                _runtime = Command.Start(setup.Run(place, Id), setup.Children);
            }
            catch (Win32Exception e)
            {
                Adoption.End();
                return new CallFailure(CallError.StartFailed) { Detail = e.Message };
            }
            _output = new FunctionOutput(_runtime.Output);
            _log = new FunctionOutput(_runtime.Error);
            _starting = AdoptAsync(_runtime);
        }
        if (!hasInput)
            await Input.DisposeAsync();
        var code = await _starting.WaitAsync(cancel);
        return code == 0 ? null : new CallFailure(CallError.StartFailed) { Detail = place.ReadError() ?? string.Create(CultureInfo.InvariantCulture, $"{setup.Program.Kind} ended with exit code {code}") };
    }

    public Task RemoveAsync()
    {
        lock (_lock)
            return _removal ??= Task.Run(RemoveCoreAsync);
    }

    /// <summary>Looks whether its first process has ended; true once it has.</summary>
    public bool CheckEnded()
    {
        ContainerExit? exit;
        lock (_lock)
        {
            // Thread A collected its end, and is about to tell it, when thread B looks: a number that is no child's stands for other children.
            if (_pid is null or 0)
                return true;
            exit = Adoption.Collect(_pid.Value, setup.Program.Kind, out var adopted);
            // Not before: what the runtime left between them ends after the runtime, and then its child is given to whoever adopts at that moment.
            if (adopted && !_adopted)
            {
                _adopted = true;
                Adoption.End();
            }
            if (exit is null)
                return false;
            _pid = 0;
        }
        // The group is there until the container is removed, and what it counted with it.
        var outOfMemory = exit.Value.Code == Killed && setup.Cgroups.OutOfMemoryKills(Id) > 0;
        _ended.TrySetResult(exit.Value with { OutOfMemory = outOfMemory });
        return true;
    }

    /// <summary>Waits for the runtime, and takes over what it started.</summary>
    private async Task<int> AdoptAsync(Command runtime)
    {
        var code = await runtime.Ended;
        network?.StartIsOver();
        if (code != 0 || place.ReadPid() is not { } pid)
        {
            CollectBetween(runtime);
            Adoption.End();
            return code == 0 ? -1 : code;
        }
        lock (_lock)
            _pid = _firstProcess = pid;
        setup.Children.Add(this);
        CollectBetween(runtime);
        return 0;
    }

    private void CollectBetween(Command runtime)
    {
        foreach (var between in Adoption.CollectBetween(setup.Program.Kind, runtime.Id, _firstProcess))
            setup.Children.Add(new Leftover(between, setup.Program.Kind));
    }

    private async Task RemoveCoreAsync()
    {
        if (_runtime is { } runtime)
        {
            // Killed in the middle it might leave something that it has not yet written down.
            if (await Task.WhenAny(_starting!, Task.Delay(Grace * 5, time)) != _starting)
                runtime.Kill();
            await _starting!;
            if (Kill())
                await _ended.Task;
            // What lost its own parent only after the first look.
            CollectBetween(runtime);
            var (code, output) = await setup.DeleteAsync(place, Id);
            if (code != 0)
                Messages.NotDeleted(logger, Id, setup.Program.Kind, code, output);
        }
        _ended.TrySetResult(new ContainerExit(Killed, OutOfMemory: false));
        await CloseAsync();
        place.Remove(logger);
        network?.Discard();
        image.Release();
    }

    /// <summary>False when there is nothing to wait for.</summary>
    private bool Kill()
    {
        lock (_lock)
        {
            // Not yet collected, so its number is no other's. With the first process of its namespace go all others.
            if (_pid is > 0 and var pid)
                _ = Native.Kill(pid, Native.SigKill);
            return _pid is not null;
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_runtime is not { } runtime)
            return;
        // Every writing end is closed now, so whoever still reads comes to the end by itself, unless it is stuck.
        await Task.WhenAny(Task.WhenAll(_output!.ReaderLeft, _log!.ReaderLeft), Task.Delay(Grace, time));
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
        runtime.Dispose();
    }

    /// <summary>A process that the runtime needed to start the container, about to end.</summary>
    private sealed class Leftover(int pid, string kind) : IWatchedChild
    {
        private readonly Lock _lock = new();
        private bool _collected;

        public bool CheckEnded()
        {
            // Once collected its number may be another child's.
            lock (_lock)
                return _collected = _collected || Adoption.Collect(pid, kind) is not null;
        }
    }

    private static InvalidOperationException NotStarted() => new("The container was not started.");

    private static partial class Messages
    {
        [LoggerMessage(2532, LogLevel.Warning, "Container {ContainerId} may not be wholly removed: {Runtime} ended with exit code {Code}: {Output}")]
        public static partial void NotDeleted(ILogger logger, string containerId, string runtime, int code, string output);
    }
}
