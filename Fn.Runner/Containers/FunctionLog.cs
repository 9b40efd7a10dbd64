using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Runner.Containers;

/// <summary>
/// Turns what functions write to standard error into log records with the function and the call. At most <see cref="LinesPerSecond"/> lines a second of a
/// container are kept, so that a function that logs without end costs little and hides nobody; how many were dropped is said, in the tail as well.
/// </summary>
internal sealed partial class FunctionLog(TimeProvider time, ILoggerFactory loggers, FunctionLogTail tail)
{
    private const int LinesPerSecond = 200;
    private const int MaxLine = 4096;
    private const int FewBytes = 128;

    private readonly ILogger _logger = loggers.CreateLogger(FunctionLogNames.Category);

    /// <summary>Reads a running container's log until its end. The reading ends with the container; while the function is silent it costs no thread.</summary>
    /// <param name="container">The container.</param>
    /// <param name="function">Whose log it is.</param>
    /// <param name="outputToo">Whether nobody else reads its standard output: a function must not come to a halt because it printed something.</param>
    public LogSource Follow(IContainer container, FunctionSpec function, bool outputToo)
    {
        var source = new LogSource(function, container.Id, time);
        var budget = new LogBudget(time, LinesPerSecond, readers: outputToo ? 2 : 1, dropped => SayDropped(dropped, source));
        if (outputToo)
            _ = ReadAsync(container.Output, budget, source);
        _ = ReadAsync(container.Log, budget, source);
        return source;
    }

    private async Task ReadAsync(Stream log, LogBudget budget, LogSource source)
    {
        // A silent function's reader waits with little: most functions are silent, nearly always.
        var few = new byte[FewBytes];
        byte[]? buffer = null;
        var filled = 0;
        try
        {
            for (int read; (read = await log.ReadAsync(buffer is null ? few : buffer.AsMemory(filled, MaxLine - filled))) > 0;)
            {
                var all = read == (buffer is null ? FewBytes : MaxLine - filled);
                if (buffer is null)
                {
                    buffer = ArrayPool<byte>.Shared.Rent(MaxLine);
                    few.AsSpan(0, read).CopyTo(buffer);
                }
                filled = WriteLines(buffer, filled + read, budget, source);
                // Neither is there more to come at once nor a line begun.
                if (filled == 0 && !all)
                    GiveBack(ref buffer);
            }
            if (filled > 0)
                Write(buffer.AsSpan(0, filled), budget, source);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The container is gone.
        }
        finally
        {
            budget.Dispose();
            GiveBack(ref buffer);
        }
    }

    private static void GiveBack(ref byte[]? buffer)
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }

    /// <summary>Writes the whole lines and moves the rest to the front; a line longer than the buffer is written in parts.</summary>
    private int WriteLines(byte[] buffer, int filled, LogBudget budget, LogSource source)
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

    private void Write(ReadOnlySpan<byte> line, LogBudget budget, LogSource source)
    {
        if (!budget.TryTake())
            return;
        EnterSpanOf(source);
        var text = LogText.Read(line);
        tail.Add(source, text);
        Log.Line(_logger, text, source.FunctionName, source.Function.FunctionId, source.CallId, source.ContainerId);
    }

    private void SayDropped(int dropped, LogSource source)
    {
        EnterSpanOf(source);
        tail.Add(source, dropped == 1 ? "1 line was dropped" : string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped"));
        Log.Dropped(_logger, dropped, source.Function.FunctionId, source.ContainerId);
    }

    /// <summary>The line's record carries the trace of its call. Reading and telling go on in flows of their own, so whatever is current in it is what was set here.</summary>
    private static void EnterSpanOf(LogSource source)
    {
        var span = source.Span is { IsStopped: false } current ? current : null;
        if (!ReferenceEquals(Activity.Current, span))
            Activity.Current = span;
    }

    private static partial class Log
    {
        [LoggerMessage(2110, LogLevel.Information, "{Line} [{FunctionName} {FunctionId} call {CallId} container {ContainerId}]")]
        public static partial void Line(ILogger logger, string line, string functionName, string functionId, string? callId, string containerId);

        [LoggerMessage(2111, LogLevel.Warning, "{Dropped} log lines of function {FunctionId}, container {ContainerId}, were dropped")]
        public static partial void Dropped(ILogger logger, int dropped, string functionId, string containerId);
    }
}
