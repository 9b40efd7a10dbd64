using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>Network namespaces. Each is there as long as a process is in it or a descriptor is open.</summary>
internal static class NetworkNamespace
{
    private const int NewNetwork = 0x40000000;

    /// <summary>The one this process is in.</summary>
    public static SafeFileHandle OpenOwn() => File.OpenHandle($"/proc/{Environment.ProcessId}/ns/net");

    /// <summary>Makes one and does something in it. The task fails with <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
    public static Task<SafeFileHandle> MakeAsync(Action<RouteSocket> furnish)
    {
        var made = new TaskCompletionSource<SafeFileHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        NamespaceThread.Start(NewNetwork, "network namespace", () => made.SetResult(Make(furnish)), made.SetException);
        return made.Task;
    }

    private static SafeFileHandle Make(Action<RouteSocket> furnish)
    {
        var handle = File.OpenHandle("/proc/thread-self/ns/net");
        try
        {
            using var socket = RouteSocket.Open();
            furnish(socket);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
