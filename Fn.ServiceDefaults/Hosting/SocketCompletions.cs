using System.Globalization;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// Where code goes on that waited for a socket: in the thread that heard of it, not in another one that has to be woken first. On the way of a hot call that is
/// the answer of its function.
/// </summary>
/// <remarks>
/// Settings of the runtime for all sockets of the process, which it reads with the first of them. They oblige: whatever goes on after a socket does nothing long,
/// and never blocks on another one (docs/adr/0014). The server's own requests are not among it: they begin in threads of the pool.
/// </remarks>
internal static class SocketCompletions
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string Threads = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";
    private const int ProcessorsEach = 16;

    /// <summary>Turns it on, unless the operator has said something else. To be called before anything opens a socket.</summary>
    public static void RunInline()
    {
        SetIfNot(Inline, "1");
        // One thread hears things in their order: what a function logs before it answers is read before its answer, while the call is still its own.
        SetIfNot(Threads, Math.Max(1, Environment.ProcessorCount / ProcessorsEach).ToString(CultureInfo.InvariantCulture));
    }

    private static void SetIfNot(string variable, string value)
    {
        if (Environment.GetEnvironmentVariable(variable) is null)
            Environment.SetEnvironmentVariable(variable, value);
    }
}
