using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Tells those who wait for child processes when these have ended. One registration for SIGCHLD serves them all: an exit event of the framework would hold a wait handle
/// for each process, and with it a share of a thread.
/// </summary>
internal sealed class ChildWatch : IDisposable
{
    private readonly ConcurrentDictionary<IWatchedChild, byte> _running = new();
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

    /// <summary>From now on the child is told.</summary>
    public void Add(IWatchedChild child)
    {
        _running.TryAdd(child, 0);
        // The process may have ended before it was in the table.
        Check(child);
    }

    public void Dispose() => _registration?.Dispose();

    // Signals coalesce, so one of them may stand for many processes. The framework has collected the exit codes by the time its handlers run.
    private void CheckAll()
    {
        foreach (var (child, _) in _running)
            Check(child);
    }

    private void Check(IWatchedChild child)
    {
        if (child.CheckEnded())
            _running.TryRemove(child, out _);
    }
}
