using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Runner.Calls.Offers;

/// <summary>
/// One connection of a gateway's, for one whole offer at a time. A read is outstanding while a call runs, so that it is heard at once when the gateway leaves.
/// </summary>
internal sealed class OfferConnection : IValueTaskSource, IDisposable
{
    private const int BufferSize = 4096;
    private const int MaxHeadSize = 4 * 1024 * 1024;

    /// <summary>In what time an offer has to be here that has begun to come.</summary>
    private static readonly TimeSpan HereWithin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Stream _connection;
    private readonly CallIntake _intake;
    private readonly ClusterGuard _guard;
    private readonly OfferReader _reader = new();
    private readonly OfferAnswer _answer;
    private readonly OutstandingRead _outstanding;
#pragma warning disable CA2213 // The source has neither timer nor wait handle, so nothing to dispose; and a call may still look at it.
    private readonly CancellationTokenSource _leaving = new();
#pragma warning restore CA2213

    // What has come and is not used up.
    private byte[] _buffer = new byte[BufferSize];
    private int _end;

    // Of an offer that has not come at once.
    private CancellationTokenSource? _limit;

    // Whether the outstanding read is done, and whoever waits for that.
    private bool _heard;
    private ManualResetValueTaskSourceCore<bool> _hearing;
    private bool _awaited;

    // Nothing of an offer has come that is not answered; and none is wanted any more.
    private bool _idle = true;
    private bool _ending;

    /// <param name="connection">Reads and writes of it go on where they were heard of.</param>
    /// <param name="intake">Takes the offers.</param>
    /// <param name="guard">Lets them in.</param>
    public OfferConnection(Stream connection, CallIntake intake, ClusterGuard guard)
    {
        (_connection, _intake, _guard) = (connection, intake, guard);
        _answer = new OfferAnswer(connection, intake);
        _outstanding = new OutstandingRead(connection, Heard);
    }

    /// <summary>Takes offers until the gateway leaves, or has said what cannot be understood. Never faults.</summary>
    public async Task ServeAsync()
    {
        try
        {
            BeginRead();
            while (await ReadAsync() && await ServeOneAsync())
            {
            }
        }
#pragma warning disable CA1031 // The last frame of the connection: a bug ends this one, and is seen in the log.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _intake.Broke(e);
        }
        Dispose();
    }

    /// <summary>Ends it once no call is under way.</summary>
    public void EndIdle()
    {
        bool idle;
        lock (_lock)
        {
            _ending = true;
            idle = _idle;
        }
        if (idle)
            Dispose();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _limit?.Dispose();
        // Elsewhere: whoever is told must not go on inside of what has ended it.
        _ = _leaving.CancelAsync();
    }

    void IValueTaskSource.GetResult(short token) => _hearing.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _hearing.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _hearing.OnCompleted(continuation, state, token, flags);

    /// <summary>Reads an offer's head; false: the gateway has left, or no more is wanted of it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync()
    {
        await HeardAsync();
        _reader.Begin();
        while (!_reader.Read(_buffer.AsSpan(0, _end)))
        {
            if (_end >= MaxHeadSize || !await ReadMoreAsync())
                return false;
        }
        return true;
    }

    /// <summary>Answers the offer whose head was read. Returns whether another one may follow.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ServeOneAsync()
    {
        var timeline = _intake.Begin();
        _answer.Begin();
        try
        {
            if (_reader.Problem is not null || await ReadBodyAsync() is not { } body)
                return await RejectAsync();
            BeginRead();
            if (_guard.Asks && !_guard.Admits("POST", RunnerWire.CallsPath + _reader.CallId, _reader.Mac))
                _answer.WriteUnproven(_guard.Refuse(_reader.MacRunner, remote: null));
            else if (_reader.ToHead(out var problem) is not { } head)
                _answer.WriteMalformed(problem!);
            else if (_intake.FunctionOf(head) is not { } function)
                _answer.WriteRefused(NotPlacedReason.UnknownRevision);
            else if (!await OfferAsync(CallIntake.OfferOf(head, function, body, timeline)))
                return false;
            await _answer.EndAsync(_leaving.Token);
            return GoesOn();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _answer.Return();
        }
    }

    /// <summary>Has the call run and writes what became of it; false: the connection ends with what was written so far.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> OfferAsync(CallOffer offer)
    {
        OfferOutcome outcome;
        try
        {
            outcome = await _intake.OfferAsync(offer, _leaving.Token);
        }
#pragma warning disable CA1031 // A bug in the engine must cost this call only.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome = _intake.Threw(offer, e);
        }
        switch (outcome)
        {
            case AnsweredOutcome answered:
                await using (answered.Answer)
                    return await CopyAsync(answered.Answer, offer.Timeline);
            case RefusedOutcome refused:
                _answer.WriteRefused(refused.Reason);
                return true;
            case AcceptedOutcome:
                _answer.WriteAccepted(offer.Timeline);
                return true;
            case FailedOutcome { Failure: { Error: not CallError.ClientLeft } failure }:
                _answer.WriteFailed(offer.Timeline, failure);
                return true;
            default:
                return false;
        }
    }

    private async ValueTask<bool> CopyAsync(RunnerAnswer answer, CallTimeline timeline)
    {
        if (answer.Status is < StatusCodes.Status200OK or > 999)
        {
            _answer.WriteFailed(timeline, new CallFailure(CallError.InvalidStatus));
            return true;
        }
        var copied = await AnswerCopier.CopyAsync(answer, _answer.Of(answer, timeline), _leaving.Token);
        if (copied.End == AnswerCopyEnd.Complete)
            return true;
        if (copied.Failure is not { } failure || _answer.HasStarted)
            return false;
        _answer.WriteFailed(timeline, failure);
        return true;
    }

    /// <summary>Says what cannot be understood, if there is still somebody to hear it, and ends the connection.</summary>
    private async ValueTask<bool> RejectAsync()
    {
        if (_reader.Problem is { } problem)
        {
            _answer.WriteMalformed(problem);
            await _answer.EndAsync(_leaving.Token);
        }
        return false;
    }

    /// <summary>The body that comes with the offer; null: the gateway has left, so there never was an offer, or there is more than one.</summary>
    private ValueTask<CallBody?> ReadBodyAsync()
    {
        var here = _buffer.AsSpan(_reader.Used, _end - _reader.Used);
        if (here.Length > _reader.Length)
            return ValueTask.FromResult<CallBody?>(null);
        if (_reader.Length == 0)
            return ValueTask.FromResult<CallBody?>(CallBody.Empty);
        var body = GC.AllocateUninitializedArray<byte>(_reader.Length);
        here.CopyTo(body);
        return here.Length == body.Length ? ValueTask.FromResult<CallBody?>(CallBody.FromBuffer(body)) : ReadRestAsync(body, here.Length);
    }

    private async ValueTask<CallBody?> ReadRestAsync(byte[] body, int read)
    {
        while (read < body.Length)
        {
            if (await TryReadAsync(body.AsMemory(read)) is not (> 0 and var count))
                return null;
            read += count;
        }
        return CallBody.FromBuffer(body);
    }

    private async ValueTask<bool> ReadMoreAsync()
    {
        // An end that was heard stays one.
        if (_end == 0)
            return false;
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = await TryReadAsync(_buffer.AsMemory(_end));
        _end += count;
        return count > 0;
    }

    private async ValueTask<int> TryReadAsync(Memory<byte> into)
    {
        try
        {
            _limit ??= _intake.Limit(HereWithin);
            return await _connection.ReadAsync(into, _limit.Token);
        }
        catch (Exception e) when (OutstandingRead.IsEnd(e))
        {
            return 0;
        }
    }

    /// <summary>Begins to wait for what follows an offer, which is here.</summary>
    private void BeginRead()
    {
        _limit?.Dispose();
        _limit = null;
        if (_buffer.Length > BufferSize)
            _buffer = new byte[BufferSize];
        _heard = false;
        _outstanding.Begin(_buffer);
    }

    private void Heard(int count, Exception? end)
    {
        bool awaited;
        lock (_lock)
        {
            (_heard, _end) = (true, count);
            (awaited, _awaited) = (_awaited, false);
            _idle &= count == 0;
        }
        if (count == 0)
            _ = _leaving.CancelAsync();
        if (awaited)
            // Whoever waits goes on inside of this call.
            _hearing.SetResult(true);
    }

    /// <summary>Completes when something has come since the last offer, or nothing more will.</summary>
    private ValueTask HeardAsync()
    {
        lock (_lock)
        {
            if (_heard)
                return ValueTask.CompletedTask;
            _hearing.Reset();
            _awaited = true;
            return new ValueTask(this, _hearing.Version);
        }
    }

    private bool GoesOn()
    {
        lock (_lock)
        {
            _idle = !_heard;
            return !_answer.IsLast && !_ending;
        }
    }
}
