using System.Runtime.ExceptionServices;

namespace Fn.Runner.Linux;

/// <summary>What a process, and those that it starts, see mounted.</summary>
internal static class MountNamespace
{
    private const int NewMounts = 0x00020000;

    /// <summary>Only a thread whose working directory is its own may have mounts of its own.</summary>
    private const int OwnDirectory = 0x00000200;

    /// <summary>
    /// Does something where everything is mounted as it is here at this moment, but one thing, and waits for it: a program that is started sees it so to its end.
    /// Throws what that throws, and <see cref="IOException"/>.
    /// </summary>
    /// <param name="target">Where it is mounted; nothing need be.</param>
    /// <param name="act">What is done.</param>
    public static T Without<T>(string target, Func<T> act)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        NamespaceThread.Start(NewMounts | OwnDirectory, "mount namespace", Act, e => failure = ExceptionDispatchInfo.Capture(e)).Join();
        failure?.Throw();
        return result!;

        void Act()
        {
            // First, or it would be gone for everybody where mounts are shared.
            Mounts.KeepPrivate("/");
            Mounts.Remove(target);
            result = act();
        }
    }
}
