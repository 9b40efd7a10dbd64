using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// When each phase of one call was reached, and why it waited. The only place where a call's times are taken: headers, logs, spans, metrics, history
/// and the launch rule read it. Written by whoever holds the call at the moment, so by one thread at a time.
/// </summary>
/// <remarks>No instant crosses a process: <see cref="ToWire"/> writes microseconds since <see cref="CallPhase.Received"/>.</remarks>
public sealed class CallTimeline
{
    private const int PhaseCount = (int)CallPhase.Taken + 1;

    private readonly TimeProvider _time;
    private Stamps _stamps;

    /// <summary>Begins the timeline: <see cref="CallPhase.Received"/> is now.</summary>
    public CallTimeline(TimeProvider time)
    {
        _time = time;
        Mark(CallPhase.Received);
    }

    /// <summary>True when the call is the first on its container: it, or the calls it queued with, waited for the container to start.</summary>
    public bool Cold { get; set; }

    /// <summary>The container that ran the call.</summary>
    public string? ContainerId { get; set; }

    /// <summary>The runner that ran the call.</summary>
    public string? RunnerId { get; set; }

    /// <summary>Why the call waited or a container was started for it, in a few words; null when a slot was free.</summary>
    public string? Reason { get; set; }

    /// <summary>What the launch rule saw when it decided on the start that a cold call waited for, in a few words without <c>;</c>; null for a hot call.</summary>
    public string? StartReason { get; set; }

    /// <summary>What was evicted for the memory of that start, and why, in a few words without <c>;</c>; null: nothing.</summary>
    public string? EvictionReason { get; set; }

    /// <summary>Why the call failed; null: the function answered, or it is not over. Does not travel: a failure does so by itself.</summary>
    public CallError? Error { get; set; }

    /// <summary>The call's W3C trace id, 32 hex digits; null when its trace is not recorded. Does not travel.</summary>
    public string? TraceId { get; set; }

    /// <summary>The span of the start that the call waited for; null: none, or it is not traced. Stays in this process.</summary>
    public Activity? StartSpan { get; set; }

    /// <summary>Since when the call is with whoever runs it: in a gateway's process the timeline is the gateway's, and it came to the runner when it was placed.</summary>
    public long Offered => this[Has(CallPhase.Placed) ? CallPhase.Placed : CallPhase.Received];

    /// <summary>Time from the call's arrival to its slot, less <see cref="Start"/>.</summary>
    public TimeSpan Queue => NotNegative(Between(CallPhase.Received, CallPhase.SlotTaken) - Start);

    /// <summary>The part of a cold call's wait in which its container was being started (from grant to ready); zero for a hot call.</summary>
    public TimeSpan Start
    {
        get
        {
            if (!Cold || !Has(CallPhase.Ready) || !Has(CallPhase.StartGranted))
                return TimeSpan.Zero;
            var from = Math.Max(this[CallPhase.StartGranted], this[CallPhase.Received]);
            return NotNegative(_time.GetElapsedTime(from, this[CallPhase.Ready]));
        }
    }

    /// <summary>Time from the slot to the function's headers.</summary>
    public TimeSpan Run => Between(CallPhase.SlotTaken, CallPhase.Answered);

    /// <summary>The timestamp of a phase, by the process's <see cref="TimeProvider"/>; 0 when it was not reached.</summary>
    public long this[CallPhase phase] => _stamps[(int)phase];

    public bool Has(CallPhase phase) => _stamps[(int)phase] != 0;

    public void Mark(CallPhase phase) => Mark(phase, _time.GetTimestamp());

    public void Mark(CallPhase phase, long timestamp) => _stamps[(int)phase] = timestamp;

    /// <summary>Time between two phases; zero when either was not reached.</summary>
    public TimeSpan Between(CallPhase from, CallPhase to) => Has(from) && Has(to) ? NotNegative(_time.GetElapsedTime(this[from], this[to])) : TimeSpan.Zero;

    /// <summary>The value of a <c>Server-Timing</c> header: milliseconds.</summary>
    public string ToServerTiming()
    {
        // On the way of every call, so not by a format string.
        Span<char> text = stackalloc char[128];
        var length = Append(text, 0, "queue;dur=", Queue);
        length = Append(text, length, ", start;dur=", Start);
        length = Append(text, length, ", run;dur=", Run);
        return new string(text[..length]);
    }

    /// <summary>
    /// The timeline as text for the other side of a hop, for instance <c>cold=1;7=1520;8=2011;sent=2040;container=…</c>; numbers are microseconds since received,
    /// <c>sent</c> is now.
    /// </summary>
    public string ToWire()
    {
        // On the way of every call between gateway and runner: one string, and nothing else.
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        text.AppendLiteral(Cold ? "cold=1" : "cold=0");
        for (var phase = (int)CallPhase.StartGranted; phase < PhaseCount; phase++)
        {
            if (_stamps[phase] == 0)
                continue;
            text.AppendLiteral(";");
            text.AppendFormatted(phase);
            text.AppendLiteral("=");
            text.AppendFormatted(SinceReceived(_stamps[phase]));
        }
        text.AppendLiteral(";sent=");
        text.AppendFormatted(SinceReceived(_time.GetTimestamp()));
        Append(ref text, ";container=", ContainerId);
        Append(ref text, ";runner=", RunnerId);
        Append(ref text, ";reason=", Reason);
        Append(ref text, ";start=", StartReason);
        Append(ref text, ";evicted=", EvictionReason);
        return text.ToStringAndClear();
    }

    /// <summary>
    /// Takes over what the other side of a hop reported just now: what is not its time since <see cref="CallPhase.Placed"/> was the way there, which is the long
    /// one when a connection is opened or a spec is told first. Fields it does not know are ignored.
    /// </summary>
    public void MergeWire(string wire)
    {
        var placed = Has(CallPhase.Placed) ? this[CallPhase.Placed] : this[CallPhase.Received];
        var origin = placed;
        if (ReadSent(wire) is { } sent)
            Mark(CallPhase.Taken, origin = Math.Max(placed, _time.GetTimestamp() - Ticks(sent)));
        foreach (var range in wire.AsSpan().Split(';'))
        {
            var field = wire.AsSpan(range);
            var equals = field.IndexOf('=');
            if (equals >= 0)
                Merge(field[..equals], field[(equals + 1)..], origin);
        }
    }

    private void Merge(ReadOnlySpan<char> name, ReadOnlySpan<char> value, long origin)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var phase))
        {
            if (phase is >= (int)CallPhase.StartGranted and <= (int)CallPhase.Ended && long.TryParse(value, CultureInfo.InvariantCulture, out var microseconds))
                _stamps[phase] = origin + Ticks(microseconds);
            return;
        }
        switch (name)
        {
            case "cold":
                Cold = value is "1";
                break;
            case "container":
                ContainerId = value.ToString();
                break;
            case "runner":
                RunnerId = value.ToString();
                break;
            case "reason":
                Reason = value.ToString();
                break;
            case "start":
                StartReason = value.ToString();
                break;
            case "evicted":
                EvictionReason = value.ToString();
                break;
        }
    }

    private static void Append(ref DefaultInterpolatedStringHandler text, string name, string? value)
    {
        if (value is null)
            return;
        text.AppendLiteral(name);
        text.AppendLiteral(value);
    }

    /// <summary>Appends a duration in milliseconds with at most three decimals. Returns the length of the text.</summary>
    private static int Append(Span<char> text, int length, string name, TimeSpan duration)
    {
        name.CopyTo(text[length..]);
        length += name.Length;
        var (milliseconds, microseconds) = long.DivRem((duration.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond, 1000);
        milliseconds.TryFormat(text[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        if (microseconds == 0)
            return length;
        text[length++] = '.';
        for (var digit = 100; microseconds > 0; digit /= 10)
        {
            text[length++] = (char)('0' + (microseconds / digit));
            microseconds %= digit;
        }
        return length;
    }

    private static long? ReadSent(string wire)
    {
        const string name = ";sent=";
        var at = wire.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var value = wire.AsSpan(at + name.Length);
        var end = value.IndexOf(';');
        return long.TryParse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var sent) ? sent : null;
    }

    private long SinceReceived(long timestamp) => (long)_time.GetElapsedTime(this[CallPhase.Received], timestamp).TotalMicroseconds;

    private long Ticks(long microseconds) => (long)(microseconds * (_time.TimestampFrequency / 1e6));

    private static TimeSpan NotNegative(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;

    // In the object itself, not beside it: one is made for every call.
    [InlineArray(PhaseCount)]
    private struct Stamps
    {
        private long _first;
    }
}
