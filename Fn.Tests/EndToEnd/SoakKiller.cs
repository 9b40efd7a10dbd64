using System.Diagnostics;

namespace Fn.Tests.EndToEnd;

/// <summary>Kills processes of a runner's functions from outside, and knows which calls that may have hit.</summary>
internal sealed class SoakKiller(string runnerId)
{
    private readonly Lock _lock = new();

    // Odd while a killed process may still be dying.
    private int _epoch;

    public int Kills => Volatile.Read(ref _epoch) / 2;

    /// <summary>Kills a process and waits until it has ended.</summary>
    public async Task KillOneAsync(Random random)
    {
        int victim;
        lock (_lock)
        {
            var processes = Leftovers.ProcessesOf(runnerId);
            if (_epoch % 2 != 0 || processes.Count == 0)
                return;
            Interlocked.Increment(ref _epoch);
            victim = processes[random.Next(processes.Count)];
            Kill(victim);
        }
        await Eventually.HoldsAsync(() => !Leftovers.IsAlive(victim), "a killed process is gone");
        Interlocked.Increment(ref _epoch);
    }

    /// <summary>To be asked before a call, for <see cref="MayHaveHit"/> after it.</summary>
    public int Before() => Volatile.Read(ref _epoch);

    /// <summary>Whether something was killed since, or was dying then. A process that was dead before a call must cost it nothing.</summary>
    public bool MayHaveHit(int before) => before % 2 != 0 || Volatile.Read(ref _epoch) != before;

    private static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
