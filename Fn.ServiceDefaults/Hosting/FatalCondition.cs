using Microsoft.Extensions.Hosting;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>
/// Something that was found out only after the start, that its operator has to mend, and with which the process must not go on. It then stops as if it was
/// told to, says why, and its exit code is 1. Thread-safe.
/// </summary>
public sealed class FatalCondition(IHostApplicationLifetime lifetime)
{
    private string? _message;

    /// <summary>Why the process must stop; null: nothing is wrong.</summary>
    public string? Message => Volatile.Read(ref _message);

    public void Raise(string message)
    {
        if (Interlocked.CompareExchange(ref _message, message, null) is null)
            lifetime.StopApplication();
    }
}
