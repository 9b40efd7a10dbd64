namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// Where code goes on that waited for a socket: in the thread that heard of it, not in another one that has to be woken first. On the way of a hot call that is
/// the answer of its function.
/// </summary>
/// <remarks>
/// A setting of the runtime for all sockets of the process, which it reads with the first of them. It obliges: whatever goes on after a socket does nothing long,
/// and never blocks on another one (docs/adr/0014). The server's own requests are not among it: they begin in threads of the pool.
/// </remarks>
internal static class SocketCompletions
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Turns it on, unless the operator has said something else. To be called before anything opens a socket.</summary>
    public static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }
}
