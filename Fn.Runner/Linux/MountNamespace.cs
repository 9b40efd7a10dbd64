using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Fn.Runner.Linux;

/// <summary>What a process, and those that it starts, see mounted.</summary>
internal static partial class MountNamespace
{
    private const int OwnFileSystemState = 0x00000200;
    private const int NewMounts = 0x00020000;
    private const int StackSize = 256 * 1024;

    /// <summary>
    /// Does something where everything is mounted as it is here at this moment, but one thing, and waits for it: a program that is started sees it so to its end.
    /// On a thread that ends after that: a thread that has been there is of no use to others. Throws what that throws, and <see cref="IOException"/>.
    /// </summary>
    /// <param name="target">Where it is mounted; nothing need be.</param>
    /// <param name="act">What is done.</param>
    public static T Without<T>(string target, Func<T> act)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(Act, StackSize) { IsBackground = true, Name = "mount namespace" };
        thread.UnsafeStart();
        thread.Join();
        failure?.Throw();
        return result!;

        void Act()
        {
            try
            {
                Enter();
                Mounts.Remove(target);
                result = act();
            }
#pragma warning disable CA1031 // The thread's last frame: whoever waits is told.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    /// <summary>Gives this thread mounts of its own: what it changes of them is changed for nobody else.</summary>
    private static void Enter()
    {
        // The other threads' working directory stays theirs: only a thread with one of its own may have mounts of its own.
        if (Unshare(OwnFileSystemState | NewMounts) != 0)
            throw LayerFiles.Failed(Marshal.GetLastPInvokeError(), "A mount namespace cannot be made");
        Mounts.KeepPrivate("/");
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
