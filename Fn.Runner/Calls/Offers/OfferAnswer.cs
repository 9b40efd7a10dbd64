using System.Globalization;
using System.Text;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Calls.Offers;

/// <summary>Writes what became of the offers of one connection, one after another (docs/wire.md).</summary>
/// <param name="connection">To the gateway.</param>
/// <param name="intake">Knows whether the runner has begun to stop.</param>
internal sealed class OfferAnswer(Stream connection, CallIntake intake) : IAnswerTarget
{
    // Digits of a chunk's length, and the ends of lines around it.
    private const int SizeDigits = 8;
    private const int Front = SizeDigits + 2;
    private const int Back = 2;

    private readonly MessageBuffer _bytes = new();
    private RunnerAnswer? _answer;
    private CallTimeline? _timeline;
    private bool _chunked;

    public bool NeedsFirstChunk => false;

    public bool HasStarted { get; private set; }

    /// <summary>Whether the gateway was told that the connection ends with this answer.</summary>
    public bool IsLast { get; private set; }

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    /// <summary>Begins the answer to one offer.</summary>
    public void Begin() => (_answer, _timeline, _chunked, HasStarted, IsLast) = (null, null, false, false, false);

    /// <summary>What is written now is this answer.</summary>
    public OfferAnswer Of(RunnerAnswer answer, CallTimeline timeline)
    {
        (_answer, _timeline) = (answer, timeline);
        return this;
    }

    public void WriteRefused(NotPlacedReason reason)
    {
        Head(StatusCodes.Status503ServiceUnavailable);
        _bytes.AppendField(RunnerWire.NotPlaced, RunnerWire.ToWire(reason) ?? RunnerWire.ToWire(NotPlacedReason.Full)!);
        _bytes.AppendEnd(0);
    }

    public void WriteAccepted(CallTimeline timeline)
    {
        Head(StatusCodes.Status202Accepted);
        Outcome(RunnerWire.OutcomeAccepted, timeline);
        _bytes.AppendEnd(0);
    }

    public void WriteFailed(CallTimeline timeline, CallFailure failure)
    {
        Head(StatusCodes.Status500InternalServerError);
        Outcome(RunnerWire.OutcomeFailed, timeline);
        foreach (var (name, value) in RunnerWire.LinesOf(failure))
            _bytes.AppendField(name, value);
        _bytes.AppendEnd(0);
    }

    public void WriteMalformed(string problem)
    {
        var text = Encoding.UTF8.GetBytes(problem + "\n");
        Head(StatusCodes.Status400BadRequest);
        _bytes.AppendField("Content-Type", "text/plain; charset=utf-8");
        _bytes.AppendEnd(text.Length);
        _bytes.Append(text);
    }

    public void WriteUnproven(string runnerId)
    {
        Head(StatusCodes.Status401Unauthorized);
        _bytes.AppendField(RunnerWire.RunnerId, runnerId);
        _bytes.AppendEnd(0);
    }

    public Task StartAsync(ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft)
    {
        AnswerHead();
        _bytes.AppendEnd(contentLength);
        _chunked = contentLength is null;
        return Task.CompletedTask;
    }

    public void WriteHeadOnly()
    {
        AnswerHead();
        // The others of those statuses have no length in HTTP.
        if (_answer!.Status == StatusCodes.Status205ResetContent)
            _bytes.AppendEnd(0);
        else
            _bytes.Append(LineEnd);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Advance(bytes.Length);
    }

    public Memory<byte> GetMemory(int size) => _chunked ? _bytes.ReserveMemory(Front + size + Back).Slice(Front, size) : _bytes.ReserveMemory(size);

    public void Advance(int count)
    {
        if (_chunked)
        {
            var chunk = _bytes.Reserve(Front + count + Back);
            count.TryFormat(chunk, out _, "x8", CultureInfo.InvariantCulture);
            LineEnd.CopyTo(chunk[SizeDigits..]);
            LineEnd.CopyTo(chunk[(Front + count)..]);
            count += Front + Back;
        }
        _bytes.Advance(count);
    }

    public ValueTask FlushAsync(CancellationToken readerLeft)
    {
        try
        {
            var write = connection.WriteAsync(_bytes.Written, readerLeft);
            if (!write.IsCompletedSuccessfully)
                return AwaitAsync(write, readerLeft);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new OperationCanceledException("The gateway left.", e, readerLeft);
        }
        _bytes.Clear();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the answer and has it leave.</summary>
    public ValueTask EndAsync(CancellationToken readerLeft)
    {
        if (_chunked)
            _bytes.Append("0\r\n\r\n"u8);
        return FlushAsync(readerLeft);
    }

    /// <summary>The answer is over: gives back the memory.</summary>
    public void Return() => _bytes.Return();

    private async ValueTask AwaitAsync(ValueTask write, CancellationToken readerLeft)
    {
        try
        {
            await write;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new OperationCanceledException("The gateway left.", e, readerLeft);
        }
        _bytes.Clear();
    }

    private void AnswerHead()
    {
        var answer = _answer!;
        Head(answer.Status);
        for (var i = 0; i < answer.Headers.Count; i++)
        {
            var (name, value) = answer.Headers[i];
            if (FunctionLines.NameOnTheHop(name, value) is { } passed)
                _bytes.AppendField(passed, value);
        }
        Outcome(RunnerWire.OutcomeAnswer, _timeline!);
    }

    private void Head(int status)
    {
        HasStarted = true;
        _bytes.Append("HTTP/1.1 "u8);
        _bytes.Append(status);
        _bytes.Append(" \r\n"u8);
        IsLast = intake.Draining;
        if (IsLast)
            _bytes.Append("Connection: close\r\n"u8);
    }

    private void Outcome(string outcome, CallTimeline timeline)
    {
        _bytes.AppendField(RunnerWire.Outcome, outcome);
        _bytes.AppendField(RunnerWire.Timeline, timeline.ToWire());
    }
}
