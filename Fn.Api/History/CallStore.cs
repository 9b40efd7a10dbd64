using System.Diagnostics.CodeAnalysis;

namespace Fn.Api.History;

/// <summary>
/// The calls that are kept: at most so many, at most so many of a function, and not for longer than asked. Cold and failed calls are counted apart from the
/// ordinary ones, so that those one looks for are not lost among thousands that went well. Not thread-safe.
/// </summary>
internal sealed class CallStore(HistoryOptions options, TimeProvider time)
{
    /// <summary>Ordinary calls of a function that come faster than as many as are kept in this time only push each other out.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Entry> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FunctionCalls> _byFunction = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _all = new();

    public int Count => _byId.Count;

    /// <summary>
    /// Whether a call is to be added; to be asked once. Ordinary ones beyond as many as are kept of their function, in a second, are not: adding them costs
    /// something, and they would be gone before anybody has seen them.
    /// </summary>
    public bool Admit(in CountedCall call) => !call.IsOrdinary || CallsOf(call.FunctionId).TakeTurn(options.MaxCallsPerFunction, time);

    /// <summary>Adds a call. False: it is there already.</summary>
    public bool Add(CallRecord call)
    {
        ref var slot = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_byId, call.CallId, out var known);
        if (known)
            return false;
        var entry = slot = new Entry(call, time.GetTimestamp());
        _all.AddLast(entry.InAll);
        var list = CallsOf(call.FunctionId).ListOf(call);
        Insert(list, entry.InFunction);
        if (list.Count > options.MaxCallsPerFunction)
            Remove(list.First!.Value);
        Trim();
        return true;
    }

    public bool TryGet(string callId, [NotNullWhen(true)] out CallRecord? call)
    {
        Trim();
        call = _byId.TryGetValue(callId, out var entry) ? entry.Call : null;
        return call is not null;
    }

    /// <summary>The calls that the filter lets pass, newest first.</summary>
    public List<CallRecord> Find(CallFilter filter)
    {
        Trim();
        // Ids sort by time.
        var before = filter.Before;
        return [.. Candidates(filter)
            .Where(call => before is null || string.CompareOrdinal(call.CallId, before) < 0)
            .Where(call => filter.Cold is not { } cold || (cold ? call.Cold : call.Hot))
            .Where(call => filter.Failed is not { } failed || call.Failed == failed)
            .Take(filter.Most)];
    }

    private IEnumerable<CallRecord> Candidates(CallFilter filter)
    {
        if (filter.FunctionId is { } functionId)
            return _byFunction.TryGetValue(functionId, out var calls) ? Merge(Newest(calls.Ordinary), Newest(calls.Notable)) : [];
        // Rare: the calls of everybody. Those of other gateways come in batches, so the order of arrival is not quite that of time.
        return _all.Select(entry => entry.Call).OrderByDescending(call => call.CallId, StringComparer.Ordinal);
    }

    private static IEnumerable<CallRecord> Newest(LinkedList<Entry> list)
    {
        for (var node = list.Last; node is not null; node = node.Previous)
            yield return node.Value.Call;
    }

    private static IEnumerable<CallRecord> Merge(IEnumerable<CallRecord> one, IEnumerable<CallRecord> other)
    {
        using var first = one.GetEnumerator();
        using var second = other.GetEnumerator();
        var (hasFirst, hasSecond) = (first.MoveNext(), second.MoveNext());
        while (hasFirst || hasSecond)
        {
            if (hasFirst && (!hasSecond || string.CompareOrdinal(first.Current.CallId, second.Current.CallId) > 0))
            {
                yield return first.Current;
                hasFirst = first.MoveNext();
            }
            else
            {
                yield return second.Current;
                hasSecond = second.MoveNext();
            }
        }
    }

    /// <summary>Keeps the order of the ids: a call that took long, or that another gateway told of, belongs before younger ones.</summary>
    private static void Insert(LinkedList<Entry> list, LinkedListNode<Entry> node)
    {
        var after = list.Last;
        while (after is not null && string.CompareOrdinal(after.Value.Call.CallId, node.Value.Call.CallId) > 0)
            after = after.Previous;
        if (after is null)
            list.AddFirst(node);
        else
            list.AddAfter(after, node);
    }

    private FunctionCalls CallsOf(string functionId)
    {
        if (!_byFunction.TryGetValue(functionId, out var calls))
            _byFunction[functionId] = calls = new FunctionCalls();
        return calls;
    }

    private void Trim()
    {
        while (_all.First is { } first && (_byId.Count > options.MaxCalls || time.GetElapsedTime(first.Value.AddedAt) > options.Keep))
            Remove(first.Value);
    }

    private void Remove(Entry entry)
    {
        _byId.Remove(entry.Call.CallId);
        _all.Remove(entry.InAll);
        var calls = _byFunction[entry.Call.FunctionId];
        calls.ListOf(entry.Call).Remove(entry.InFunction);
        if (calls.Ordinary.Count + calls.Notable.Count == 0)
            _byFunction.Remove(entry.Call.FunctionId);
    }

    private sealed class Entry
    {
        public Entry(CallRecord call, long addedAt)
        {
            (Call, AddedAt) = (call, addedAt);
            InAll = new LinkedListNode<Entry>(this);
            InFunction = new LinkedListNode<Entry>(this);
        }

        public CallRecord Call { get; }

        public long AddedAt { get; }

        public LinkedListNode<Entry> InAll { get; }

        public LinkedListNode<Entry> InFunction { get; }
    }

    private sealed class FunctionCalls
    {
        private long _since;
        private int _turns;

        public LinkedList<Entry> Ordinary { get; } = new();

        public LinkedList<Entry> Notable { get; } = new();

        /// <summary>True so many times in a <see cref="Stretch"/>.</summary>
        public bool TakeTurn(int most, TimeProvider time)
        {
            var now = time.GetTimestamp();
            if (_turns == 0 || time.GetElapsedTime(_since, now) >= Stretch)
                (_since, _turns) = (now, 0);
            return _turns++ < most;
        }

        public LinkedList<Entry> ListOf(CallRecord call) => call.IsOrdinary ? Ordinary : Notable;
    }
}
