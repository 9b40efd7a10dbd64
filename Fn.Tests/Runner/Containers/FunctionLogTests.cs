using System.Diagnostics;
using System.Threading.Channels;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Slots;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Containers;

/// <summary>What becomes of what a function writes to its log.</summary>
public sealed class FunctionLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _collector = new();
    private readonly FunctionLogTail _tail;

    public FunctionLogTests() => _tail = new FunctionLogTail(_time);

    [Fact]
    public void Follow_TenMegabytesOfLines_KeepsTwoHundredAndCountsTheRest()
    {
        const int Lines = 200_000;
        using var log = new MemoryStream();
        for (var i = 0; i < Lines; i++)
            log.Write("0123456789 0123456789 0123456789 0123456789 012345\n"u8);
        log.Position = 0;

        Follow(log);

        var records = _collector.GetSnapshot();
        Assert.Equal(201, records.Count);
        Assert.Equal(LogLevel.Warning, records[^1].Level);
        Assert.Equal($"{Lines - 200}", records[^1].GetStructuredStateValue("Dropped"));
    }

    [Fact]
    public async Task Follow_BothStreams_HaveOneBudget()
    {
        using MemoryStream output = new([.. Enumerable.Repeat("out\n"u8.ToArray(), 150).SelectMany(line => line)]);
        using MemoryStream log = new([.. Enumerable.Repeat("log\n"u8.ToArray(), 150).SelectMany(line => line)]);

        Follow(log, output);

        var records = _collector.GetSnapshot();
        Assert.Equal((150, 50), (records.Count(record => Line(record) == "out"), records.Count(record => Line(record) == "log")));
        Assert.Equal("100", Assert.Single(records, record => record.Level == LogLevel.Warning).GetStructuredStateValue("Dropped"));
        Assert.Equal("100 lines were dropped", (await TailAsync(200))[^1]);
    }

    [Fact]
    public async Task Follow_SilentAfterAFlood_TellsWhatWasDroppedOnceTheSecondIsOver()
    {
        var log = new ClientStream();
        for (var i = 0; i < 201; i++)
            log.Send("on and on\n");
        Follow(log);

        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(200, _collector.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((201, "1"), (_collector.Count, _collector.LatestRecord.GetStructuredStateValue("Dropped")));
        Assert.Equal("1 line was dropped", (await TailAsync(200))[^1]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(201, _collector.Count);
    }

    [Fact]
    public void Follow_BinaryAndLongLines_AreTextInParts()
    {
        using var log = new MemoryStream([.. Enumerable.Repeat((byte)0xFE, 5000), (byte)'\n', 0, 27, (byte)'\n', .. Enumerable.Repeat((byte)'x', 9000)]);

        Follow(log);

        var lines = _collector.GetSnapshot().Select(record => record.GetStructuredStateValue("Line")!).ToList();
        Assert.Equal([4096, 904, 2, 4096, 4096, 808], lines.Select(line => line.Length));
        Assert.Equal("\uFFFD\uFFFD", lines[2]);
        Assert.All(lines[0], character => Assert.Equal('\uFFFD', character));
    }

    [Fact]
    public async Task Follow_WhileACallRuns_LinesBelongToItsSpan()
    {
        using var span = new Activity("run call").Start();
        Activity.Current = null;
        var seen = Channel.CreateUnbounded<string?>();
        using var loggers = new LoggerFactory([new Spy(() => seen.Writer.TryWrite(Activity.Current?.Id))]);
        var log = new ClientStream();
        var source = new FunctionLog(_time, loggers, new FunctionLogTail(_time)).Follow(new LoggingContainer(new FakeContainer(Spec()), log), Spec().Function, outputToo: false);

        source.Span = span;
        log.Send("while it runs\n");
        Assert.Equal(span.Id, await seen.Reader.ReadAsync(TestContext.Current.CancellationToken));
        source.Span = null;
        log.Send("while idle\n");
        Assert.Null(await seen.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Null(Activity.Current);
    }

    private static ContainerSpec Spec() => new()
    {
        Id = "01J00000000000000000000000",
        RunnerId = "runner",
        Function = SlotHarness.Function("a"),
        Environment = new Dictionary<string, string>(),
    };

    private static string? Line(FakeLogRecord record) => record.GetStructuredStateValue("Line");

    /// <summary>What is there already is read before this returns.</summary>
    private void Follow(Stream log, Stream? output = null)
    {
        using var loggers = new LoggerFactory([new FakeLoggerProvider(_collector)]);
        new FunctionLog(_time, loggers, _tail).Follow(new LoggingContainer(new FakeContainer(Spec()), log, output), Spec().Function, outputToo: output is not null);
    }

    private async Task<List<string>> TailAsync(int count)
    {
        var lines = new List<string>();
        await foreach (var line in _tail.FollowAsync(Spec().Function.FunctionId, TestContext.Current.CancellationToken))
        {
            lines.Add(line.Text);
            if (lines.Count == count)
                break;
        }
        return lines;
    }

    /// <summary>Calls back at the place where a line is logged.</summary>
    private sealed class Spy(Action logged) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => logged();

        public void Dispose()
        {
        }
    }
}
