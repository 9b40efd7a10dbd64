namespace Fn.Api.History;

/// <summary>
/// Which batches of other gateways were taken in, so that none is counted twice. Each by its number, not only the latest: one that was missed while the
/// connection was away is read after later ones were heard. Not thread-safe.
/// </summary>
internal sealed class HeardBatches
{
    /// <summary>How far back is remembered: more than a gateway leaves to be read.</summary>
    private const int Remembered = 4096;

    private readonly Dictionary<string, Gateway> _gateways = new(StringComparer.Ordinal);

    /// <summary>Adds a batch. False: it was taken in before, or is too old to know.</summary>
    public bool Add(string gateway, long sequence)
    {
        if (!_gateways.TryGetValue(gateway, out var heard))
            _gateways[gateway] = heard = new Gateway();
        if (sequence <= heard.Latest - Remembered || !heard.Sequences.Add(sequence))
            return false;
        heard.Latest = Math.Max(heard.Latest, sequence);
        if (heard.Sequences.Count > 2 * Remembered)
            heard.Sequences.RemoveWhere(old => old <= heard.Latest - Remembered);
        return true;
    }

    public void Forget(string gateway) => _gateways.Remove(gateway);

    private sealed class Gateway
    {
        public HashSet<long> Sequences { get; } = [];

        public long Latest { get; set; }
    }
}
