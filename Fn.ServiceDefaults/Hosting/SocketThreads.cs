using System.Globalization;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// The runtime's threads that hear of sockets. Code that waited for one goes on in the thread that heard of it, not in another one that has to be woken first;
/// and there is one for two processors, since others run beside them: a call waits for whichever of them gets a processor last.
/// </summary>
/// <remarks>
/// Settings of the runtime for all sockets of the process, which it reads with the first of them. They oblige: whatever goes on after a socket does nothing long,
/// and never blocks on another one (docs/adr/0014).
/// </remarks>
internal static class SocketThreads
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string Count = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>Sets what the operator has not set. To be called before anything opens a socket.</summary>
    public static void Configure()
    {
        SetDefault(Inline, "1");
        SetDefault(Count, Math.Max(1, Environment.ProcessorCount / 2).ToString(CultureInfo.InvariantCulture));
    }

    private static void SetDefault(string variable, string value)
    {
        if (Environment.GetEnvironmentVariable(variable) is null)
            Environment.SetEnvironmentVariable(variable, value);
    }
}
