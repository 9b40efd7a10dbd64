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
    string id, string runnerId, bool hasInput, ContainerPlace place, RuntimeSetup setup, MountedImage image, ContainerNetwork? network, TimeProvider time, ILogger logger)
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
                _runtime = setup.Run(place, Id);
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
        var outOfMemory = exit.Value.Code == Killed && setup.Cgroups.OutOfMemoryKills(runnerId, Id) > 0;
        _ended.TrySetResult(exit.Value with { OutOfMemory = outOfMemory });
        return true;
    }

    /// <summary>Waits for the runtime, and takes over what it started. Whatever fails in that, the container can be removed.</summary>
    private async Task<int> AdoptAsync(Command runtime)
    {
        var watched = false;
        try
        {
            var code = await runtime.Ended;
            network?.StartIsOver();
            if (code == 0 && place.ReadPid() is { } pid)
            {
                lock (_lock)
                    _pid = _firstProcess = pid;
                watched = true;
                setup.Children.Add(this, pid);
            }
            CollectBetween(runtime);
            return code == 0 && !watched ? -1 : code;
        }
#pragma warning disable CA1031 // Whoever waits for the start would get it, and whoever removes the container after that.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Messages.NotAdopted(logger, e, Id);
            return watched ? 0 : -1;
        }
        finally
        {
            // Otherwise whoever watches it does.
            if (!watched)
                Adoption.End();
        }
    }

    private void CollectBetween(Command runtime)
    {
        foreach (var between in Adoption.CollectBetween(setup.Program.Kind, runtime.Id, _firstProcess))
            setup.Children.Add(new Leftover(between, setup.Program.Kind, this), between);
        // Where nothing is between them any more, the first process is a child now, and nobody tells.
        CheckEnded();
    }

    private async Task RemoveCoreAsync()
    {
        string? left = "removing it failed";
        await TryAsync(async () => left = _runtime is { } runtime ? await EndAsync(runtime) : null);
        _ended.TrySetResult(new ContainerExit(Killed, OutOfMemory: false));
        await TryAsync(CloseAsync);
        // By its place it is found at the runner's next start.
        if (left is null)
            place.Remove(logger);
        else
            Messages.NotDeleted(logger, Id, left);
        network?.Discard();
        image.Release();
    }

    private async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
#pragma warning disable CA1031 // Whoever removes it has nobody to tell, and all else that it holds has to be given back.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Messages.RemovalThrew(logger, e, Id);
        }
    }

    /// <summary>Null: nothing of it is left but its place; else what is.</summary>
    private async Task<string?> EndAsync(Command runtime)
    {
        // Killed in the middle it might leave something that it has not yet written down.
        if (await Task.WhenAny(_starting!, Task.Delay(Grace * 5, time)) != _starting)
            runtime.Kill();
        await _starting!;
        if (Kill())
            await _ended.Task;
        await TryAsync(() =>
        {
            // What lost its own parent only after the first look.
            CollectBetween(runtime);
            return Task.CompletedTask;
        });
        return await setup.RemoveAsync(place, runnerId, Id);
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

    private async Task CloseAsync()
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
    private sealed class Leftover(int pid, string kind, OciContainer container) : IWatchedChild
    {
        private readonly Lock _lock = new();
        private bool _collected;

        public bool CheckEnded()
        {
            // Once collected its number may be another child's.
            lock (_lock)
            {
                if (_collected || Adoption.Collect(pid, kind) is null)
                    return _collected;
                _collected = true;
            }
            container.CheckEnded();
            return true;
        }
    }

    private static InvalidOperationException NotStarted() => new("The container was not started.");

    private static partial class Messages
    {
        [LoggerMessage(2532, LogLevel.Warning, "Container {ContainerId} is not wholly removed, and will be tried again at the next start: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string containerId, string reason);

        [LoggerMessage(2541, LogLevel.Error, "What {ContainerId} started could not be taken over")]
        public static partial void NotAdopted(ILogger logger, Exception exception, string containerId);

        [LoggerMessage(2542, LogLevel.Error, "Removing container {ContainerId} failed unexpectedly")]
        public static partial void RemovalThrew(ILogger logger, Exception exception, string containerId);
    }
}
