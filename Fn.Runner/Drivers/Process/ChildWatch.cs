using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Tells containers when their process has ended. One registration for SIGCHLD serves them all: an exit event of the framework would hold a wait handle
/// for each process, and with it a share of a thread.
/// </summary>
internal sealed class ChildWatch : IDisposable
{
    private readonly ConcurrentDictionary<ProcessContainer, byte> _running = new();
    private readonly Lock _lock = new();
    private PosixSignalRegistration? _registration;

    /// <summary>
    /// To be called before a process is started. Registered only after that, the handler could miss its end: thread A, the framework's, finds no handler,
    /// and is still to collect the exit code when thread B registers one and sees the process running. No further signal comes then.
    /// </summary>
    public void Prepare()
    {
        lock (_lock)
            _registration ??= PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => CheckAll());
    }

    /// <summary>From now on the container is told.</summary>
    public void Add(ProcessContainer container)
    {
        _running.TryAdd(container, 0);
        // The process may have ended before it was in the table.
        Check(container);
    }

    public void Dispose() => _registration?.Dispose();

    // Signals coalesce, so one of them may stand for many processes. The framework has collected the exit codes by the time its handlers run.
    private void CheckAll()
    {
        foreach (var (container, _) in _running)
            Check(container);
    }

    private void Check(ProcessContainer container)
    {
        if (container.CheckEnded())
            _running.TryRemove(container, out _);
    }
}
