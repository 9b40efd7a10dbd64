using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace Fn.ServiceDefaults.Telemetry.Otlp;

/// <summary>
/// Says once that telemetry does not get through, and once that it does again; the SDK says neither. Calls are not affected: what is not sent stays in
/// queues of fixed size and is dropped when they are full. Thread-safe.
/// </summary>
internal sealed partial class ExportWatch(IServiceProvider services)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _failing = [];

    /// <summary>Takes note of what became of an export.</summary>
    /// <param name="signal">Of which signal.</param>
    /// <param name="endpoint">Where it was sent.</param>
    /// <param name="result">What became of it.</param>
    public ExportResult Note(string signal, Uri endpoint, ExportResult result)
    {
        bool changed;
        lock (_lock)
        {
            changed = result == ExportResult.Success ? _failing.Contains(signal) : _failing.Count == 0;
            // The others may have nothing to send that could show that they work too; one that does not says so again.
            if (result != ExportResult.Success)
                _failing.Add(signal);
            else if (changed)
                _failing.Clear();
        }
        if (!changed)
            return result;
        try
        {
            // Looked up only now: the log itself is among what is sent, so it cannot be there before its exporter is.
            var logger = services.GetRequiredService<ILogger<ExportWatch>>();
            if (result == ExportResult.Success)
                Log.Works(logger, endpoint);
            else
                Log.Fails(logger, signal, endpoint);
        }
        catch (ObjectDisposedException)
        {
            // The process ends, and an export that hung is given up: on a thread of its own, which an exception would take the process with.
        }
        return result;
    }

    private static partial class Log
    {
        [LoggerMessage(910, LogLevel.Warning, "Telemetry ({Signal}) does not get through to {Endpoint}. Calls are not affected; what does not fit into the queue is dropped until it works again")]
        public static partial void Fails(ILogger logger, string signal, Uri endpoint);

        [LoggerMessage(911, LogLevel.Information, "Telemetry gets through to {Endpoint} again")]
        public static partial void Works(ILogger logger, Uri endpoint);
    }
}
