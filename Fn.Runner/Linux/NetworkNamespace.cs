using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>Network namespaces. Each is there as long as a process is in it or a descriptor is open.</summary>
internal static partial class NetworkNamespace
{
    private const int NewNetwork = 0x40000000;
    private const int StackSize = 256 * 1024;

    /// <summary>The one this process is in.</summary>
    public static SafeFileHandle OpenOwn() => File.OpenHandle($"/proc/{Environment.ProcessId}/ns/net");

    /// <summary>
    /// Makes one and does something in it, on a thread that ends after that: a thread that has been there is of no use to others. The task fails with
    /// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
    /// </summary>
    public static Task<SafeFileHandle> MakeAsync(Action<RouteSocket> furnish)
    {
        var made = new TaskCompletionSource<SafeFileHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (SuppressedFlow.Begin())
            new Thread(() => Make(furnish, made), StackSize) { IsBackground = true, Name = "network namespace" }.Start();
        return made.Task;
    }

    private static void Make(Action<RouteSocket> furnish, TaskCompletionSource<SafeFileHandle> made)
    {
        SafeFileHandle? handle = null;
        try
        {
            if (Unshare(NewNetwork) != 0)
                throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), "A network namespace cannot be made");
            handle = File.OpenHandle("/proc/thread-self/ns/net");
            using (var socket = RouteSocket.Open())
                furnish(socket);
            made.SetResult(handle);
        }
#pragma warning disable CA1031 // The thread's last frame: whoever waits is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            handle?.Dispose();
            made.SetException(e);
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
