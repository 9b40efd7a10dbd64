using System.Runtime.CompilerServices;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Runner.Drivers.Process;

/// <summary>The pipes to a child process. Whoever takes them disposes them.</summary>
internal sealed record ProcessPipes(Stream Input, Stream Output, Stream Error)
{
    /// <summary>
    /// Takes the pipes of a process, all redirected. What the framework has put before them, for text that nobody reads through it, is let go: its buffers are
    /// 33 KB, which each container would keep for as long as it lives.
    /// </summary>
    public static ProcessPipes Take(ChildProcess process)
    {
        var pipes = new ProcessPipes(process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardError.BaseStream);
        try
        {
            LetGo(process);
        }
        catch (MissingFieldException)
        {
            // Another framework than the one this was written for. It costs memory, nothing else.
        }
        return pipes;
    }

    // By itself, so that what is missing is missed where it is caught.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LetGo(ChildProcess process)
    {
        InputOf(process) = null;
        OutputOf(process) = null;
        ErrorOf(process) = null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_standardInput")]
    private static extern ref StreamWriter? InputOf(ChildProcess process);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_standardOutput")]
    private static extern ref StreamReader? OutputOf(ChildProcess process);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_standardError")]
    private static extern ref StreamReader? ErrorOf(ChildProcess process);
}
