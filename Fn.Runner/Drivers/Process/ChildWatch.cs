using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Tells those who wait for child processes when these have ended. One registration for SIGCHLD serves them all: an exit event of the framework would hold a wait handle
/// for each process, and with it a share of a thread.
/// </summary>
/// <remarks>
/// Signals coalesce, so one of them may stand for many processes. The framework has collected the exit codes of its own children by the time its handlers run,
/// and asking it for each costs nothing. Of the others, which have to be asked for with a system call each, only those are looked at that the kernel names as
/// ended, as long as it names those that are known here; it names one at a time, and always the first.
/// </remarks>
internal sealed class ChildWatch : IDisposable
{
    private readonly ConcurrentDictionary<IWatchedChild, byte> _running = new();
    private readonly ConcurrentDictionary<int, IWatchedChild> _adopted = new();
    private readonly Lock _lock = new();
    private PosixSignalRegistration? _registration;
    private int _sinceAll;

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
        if (child.CheckEnded())
            _running.TryRemove(child, out _);
    }

    /// <summary>The same for a process that was not started here, by its number, which is its own until the child collects its end.</summary>
    public void Add(IWatchedChild child, int pid)
    {
        _adopted[pid] = child;
        Check(pid, child);
    }

    public void Dispose() => _registration?.Dispose();

    private void CheckAll()
    {
        foreach (var (child, _) in _running)
        {
            if (child.CheckEnded())
                _running.TryRemove(child, out _);
        }
        // What has become another's child is named to that one; it is noticed by looking, which this often adds nothing.
        if (!CheckNamed() || Interlocked.Increment(ref _sinceAll) > _adopted.Count)
        {
            _sinceAll = 0;
            foreach (var (pid, child) in _adopted)
                Check(pid, child);
        }
    }

    /// <summary>False: the kernel names a process that nobody here knows, or does not let go of one, and so none behind it.</summary>
    private bool CheckNamed()
    {
        while (Native.PeekEnded() is { } pid)
        {
            if (_adopted.TryGetValue(pid, out var child) ? !Check(pid, child) : !Adoption.CollectStray(pid))
                return false;
        }
        return true;
    }

    private bool Check(int pid, IWatchedChild child)
    {
        if (!child.CheckEnded())
            return false;
        // Its number may be another child's by now, which has taken its place.
        _adopted.TryRemove(KeyValuePair.Create(pid, child));
        return true;
    }
}
