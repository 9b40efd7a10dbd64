using System.Buffers;
using System.Diagnostics;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Containers;

/// <summary>
/// Turns what functions write to standard error into log records with the function and the call. At most <see cref="LinesPerSecond"/> lines a second of a
/// container are kept, so that a function that logs without end costs little and hides nobody; how many were dropped is said.
/// </summary>
internal sealed partial class FunctionLog(TimeProvider time, ILoggerFactory loggers, FunctionLogTail tail)
{
    private const int LinesPerSecond = 200;
    private const int MaxLine = 4096;

    private readonly ILogger _logger = loggers.CreateLogger(FunctionLogNames.Category);

    /// <summary>Reads a running container's log until its end. The reading ends with the container; while the function is silent it costs no thread.</summary>
    /// <param name="container">The container.</param>
    /// <param name="function">Whose log it is.</param>
    /// <param name="outputToo">Whether nobody else reads its standard output: a function must not come to a halt because it printed something.</param>
    public LogSource Follow(IContainer container, FunctionSpec function, bool outputToo)
    {
        var source = new LogSource(function, container.Id);
        if (outputToo)
            _ = ReadAsync(container.Output, source);
        _ = ReadAsync(container.Log, source);
        return source;
    }

    private async Task ReadAsync(Stream log, LogSource source)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLine);
        var budget = new LineBudget(time);
        var filled = 0;
        try
        {
            for (int read; (read = await log.ReadAsync(buffer.AsMemory(filled, MaxLine - filled))) > 0;)
                filled = WriteLines(buffer, filled + read, budget, source);
            if (filled > 0)
                Write(buffer.AsSpan(0, filled), budget, source);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The container is gone.
        }
        finally
        {
            SayDropped(budget.TakeDropped(), source);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the whole lines and moves the rest to the front; a line longer than the buffer is written in parts.</summary>
    private int WriteLines(byte[] buffer, int filled, LineBudget budget, LogSource source)
    {
        var start = 0;
        for (int length; (length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            Write(buffer.AsSpan(start, length), budget, source);
        if (start == 0 && filled == MaxLine)
        {
            start = LogText.WholeCharacters(buffer.AsSpan(0, filled));
            Write(buffer.AsSpan(0, start), budget, source);
        }
        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        return filled - start;
    }

    private void Write(ReadOnlySpan<byte> line, LineBudget budget, LogSource source)
    {
        var taken = budget.TryTake(out var dropped);
        if (!taken && dropped == 0)
            return;
        EnterSpanOf(source);
        SayDropped(dropped, source);
        if (!taken)
            return;
        var text = LogText.Read(line);
        tail.Add(source, text);
        Log.Line(_logger, text, source.FunctionName, source.Function.FunctionId, source.CallId, source.ContainerId);
    }

    private void SayDropped(int dropped, LogSource source)
    {
        if (dropped > 0)
            Log.Dropped(_logger, dropped, source.Function.FunctionId, source.ContainerId);
    }

    /// <summary>The line's record carries the trace of its call. This reads on in a flow of its own, so whatever is current in it is what was set here.</summary>
    private static void EnterSpanOf(LogSource source)
    {
        var span = source.Span is { IsStopped: false } current ? current : null;
        if (!ReferenceEquals(Activity.Current, span))
            Activity.Current = span;
    }

    /// <summary>Counts the lines of one second.</summary>
    private sealed class LineBudget(TimeProvider time)
    {
        private long _second = time.GetTimestamp();
        private int _lines;
        private int _dropped;

        /// <param name="dropped">Lines of the last second that were not taken, once it is over.</param>
        public bool TryTake(out int dropped)
        {
            dropped = 0;
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_second, now) >= TimeSpan.FromSeconds(1))
            {
                dropped = TakeDropped();
                (_second, _lines) = (now, 0);
            }
            if (_lines++ < LinesPerSecond)
                return true;
            _dropped++;
            return false;
        }

        public int TakeDropped()
        {
            var dropped = _dropped;
            _dropped = 0;
            return dropped;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2110, LogLevel.Information, "{Line} [{FunctionName} {FunctionId} call {CallId} container {ContainerId}]")]
        public static partial void Line(ILogger logger, string line, string functionName, string functionId, string? callId, string containerId);

        [LoggerMessage(2111, LogLevel.Warning, "{Dropped} log lines of function {FunctionId}, container {ContainerId}, were dropped")]
        public static partial void Dropped(ILogger logger, int dropped, string functionId, string containerId);
    }
}
