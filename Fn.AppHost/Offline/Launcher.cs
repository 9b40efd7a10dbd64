using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Fn.AppHost.Offline;

/// <summary>
/// Starts child processes that do not outlive this one, however it ends: the kernel sends them SIGTERM. It does so when the <em>thread</em> ends that started
/// them, so all are started by one thread that stays, and not by one of the pool's, which go when there is little to do.
/// Each child is a session of its own: Ctrl-C at the terminal reaches this process alone, which then stops them in their order.
/// </summary>
internal sealed class Launcher : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public Launcher()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "launcher" };
        _thread.Start();
    }

    /// <exception cref="AppHostException">There is no such program.</exception>
    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var program = start.FileName;
        start.FileName = "setpriv";
        foreach (var argument in ((string[])["--pdeathsig", "TERM", "--", "setsid", program]).Reverse())
            start.ArgumentList.Insert(0, argument);
        _work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Win32Exception e)
            {
                started.SetException(new AppHostException($"{program} could not be started: {e.Message} (setpriv and setsid are part of util-linux)", e));
            }
        });
        return started.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
            action();
    }
}
