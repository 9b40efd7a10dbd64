using System.Runtime.InteropServices;

namespace Fn.Runner.Linux;

/// <summary>A thread that leaves a namespace of this process for a new one, does something there, and ends: of no use to others after that.</summary>
internal static partial class NamespaceThread
{
    private const int StackSize = 256 * 1024;

    /// <summary>Starts one.</summary>
    /// <param name="kinds">The namespaces that are new, as <c>unshare</c> takes them.</param>
    /// <param name="name">Its name; what cannot be made is called so.</param>
    /// <param name="act">What it does there.</param>
    /// <param name="failed">Is told, on that thread, what that threw; <see cref="IOException"/> when there can be no such namespace.</param>
    public static Thread Start(int kinds, string name, Action act, Action<Exception> failed)
    {
        var thread = new Thread(Run, StackSize) { IsBackground = true, Name = name };
        thread.UnsafeStart();
        return thread;

        void Run()
        {
            try
            {
                if (Unshare(kinds) != 0)
                    throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), $"A {name} cannot be made");
                act();
            }
#pragma warning disable CA1031 // The thread's last frame: whoever waits is told.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed(e);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
