using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// Gives memory back to the machine once the process does nothing. The collector runs when memory is asked for, so a process that asks for none would keep what
/// its busiest moment has left, while the functions beside it could use it.
/// </summary>
internal sealed partial class IdleMemory(IOptions<IdleMemoryOptions> options, TimeProvider time, ILogger<IdleMemory> logger) : BackgroundService
{
    /// <summary>What is asked for in a second by a process that does nothing, in bytes at most: as much as fewer than twenty calls leave.</summary>
    public const long Little = 64 * 1024;

    /// <summary>What must have been asked for since memory was given back, in bytes: for less it is not worth it.</summary>
    public const long Much = 16 * 1024 * 1024;

    /// <summary>A heap that is larger than this, in bytes, is left to the collector: going through all of it would take long.</summary>
    private const long TooMuch = 512 * 1024 * 1024;

    private readonly IdleMemoryOptions _options = options.Value;
    private long _before;
    private long _givenBackAt;

    /// <summary>Whether memory is to be given back now. To be asked each time that <see cref="IdleMemoryOptions.After"/> has passed.</summary>
    /// <param name="allocated">Bytes that the process has asked for since it started.</param>
    public bool IsDue(long allocated)
    {
        var idle = allocated - _before <= Little * _options.After.TotalSeconds;
        _before = allocated;
        if (!idle || allocated - _givenBackAt < Much)
            return false;
        _givenBackAt = allocated;
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.GiveBack)
            return;
        using var timer = new PeriodicTimer(_options.After, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (IsDue(GC.GetTotalAllocatedBytes()) && GC.GetTotalMemory(forceFullCollection: false) <= TooMuch)
                    GiveBack();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void GiveBack()
    {
        var (before, since) = (Environment.WorkingSet, time.GetTimestamp());
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNative();
        Log.GivenBack(logger, (before - Environment.WorkingSet) / (1024 * 1024), time.GetElapsedTime(since).TotalMilliseconds);
    }

    /// <summary>What the compiler and the native libraries have used and no longer need stays with the C library, unless it is asked.</summary>
    private static void TrimNative()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not every C library has it; one that has not keeps little.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    private static partial class Log
    {
        [LoggerMessage(930, LogLevel.Debug, "Gave {MiB} MiB of memory back, since there was nothing to do; took {Milliseconds:F1} ms")]
        public static partial void GivenBack(ILogger logger, long miB, double milliseconds);
    }
}
