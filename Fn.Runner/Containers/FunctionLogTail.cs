using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>
/// The last lines that each function wrote to its log, for whoever wants to see them now; what is to be kept goes to the log. Thread-safe. Bounded: so many
/// lines and characters of a function, so many functions.
/// </summary>
internal sealed class FunctionLogTail(TimeProvider time) : IRunnerLogs
{
    private const int MaxLines = 200;
    private const int MaxCharacters = 64 * 1024;
    private const int MaxFunctions = 1000;

    /// <summary>Lines that a reader may be behind.</summary>
    private const int MaxBehind = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tail> _tails = new(StringComparer.Ordinal);

    /// <summary>Adds a line of a container's log.</summary>
    public void Add(LogSource source, string text)
    {
        var line = new Line(time.GetTimestamp(), source.ContainerId, source.CallId, text);
        lock (_lock)
        {
            var tail = TailLocked(source.Function.FunctionId);
            tail.Add(line);
            foreach (var reader in tail.Readers)
                reader.TryWrite(line);
        }
    }

    public async IAsyncEnumerable<RunnerLogLine> FollowAsync(string functionId, [EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = Channel.CreateBounded<Line>(new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            var tail = TailLocked(functionId);
            foreach (var line in tail.Lines)
                channel.Writer.TryWrite(line);
            tail.Readers.Add(channel.Writer);
        }
        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(cancel))
                yield return new RunnerLogLine((long)time.GetElapsedTime(line.At).TotalMilliseconds, line.ContainerId, line.CallId, line.Text);
        }
        finally
        {
            lock (_lock)
                TailLocked(functionId).Readers.Remove(channel.Writer);
        }
    }

    private Tail TailLocked(string functionId)
    {
        if (_tails.TryGetValue(functionId, out var known))
            return known;
        if (_tails.Count >= MaxFunctions)
            ForgetOneLocked();
        return _tails[functionId] = new Tail();
    }

    /// <summary>The function that has been silent for the longest goes, unless somebody reads it.</summary>
    private void ForgetOneLocked()
    {
        var oldest = _tails.Where(pair => pair.Value.Readers.Count == 0).MinBy(pair => pair.Value.Lines.LastOrDefault().At);
        if (oldest.Key is not null)
            _tails.Remove(oldest.Key);
    }

    private readonly record struct Line(long At, string ContainerId, string? CallId, string Text);

    private sealed class Tail
    {
        private int _characters;

        public Queue<Line> Lines { get; } = [];

        public List<ChannelWriter<Line>> Readers { get; } = [];

        public void Add(Line line)
        {
            Lines.Enqueue(line);
            _characters += line.Text.Length;
            while (Lines.Count > MaxLines || _characters > MaxCharacters)
                _characters -= Lines.Dequeue().Text.Length;
        }
    }
}
