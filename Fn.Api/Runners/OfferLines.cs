using System.Globalization;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Fn.ServiceDefaults.Telemetry;

namespace Fn.Api.Runners;

/// <summary>The header lines of an offer, less those that frame its body (docs/wire.md).</summary>
internal static class OfferLines
{
    // The platform's own lines of a call, and the two that prove where it comes from.
    private const int Platforms = 8;

    // So few lines are looked through faster than their names are put into a set.
    private const int Few = 32;

    public static List<Header> Of(CallOffer offer)
    {
        var lines = new List<Header>(offer.Headers.Count + Platforms);
        AddClients(lines, offer.Headers);
        lines.Add(new Header(RunnerWire.OfferRevision, offer.Function.Revision));
        lines.Add(new Header(RunnerWire.OfferMethod, offer.Method));
        lines.Add(new Header(RunnerWire.OfferUrl, offer.RequestUrl.ToString()));
        lines.Add(new Header(RunnerWire.OfferWait, offer.Wait is { } wait ? ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : RunnerWire.Now));
        if (offer.Detached)
            lines.Add(new Header(RunnerWire.OfferDetached, "1"));
        if (TraceContextText.IsSet(offer.Parent))
        {
            lines.Add(new Header(RunnerWire.OfferTraceParent, TraceContextText.Format(offer.Parent)));
            if (offer.Parent.TraceState is { Length: > 0 } state)
                lines.Add(new Header(RunnerWire.OfferTraceState, state));
        }
        return lines;
    }

    private static void AddClients(List<Header> lines, IReadOnlyList<Header> headers)
    {
        var names = headers.Count > Few ? new HashSet<string>(headers.Count, StringComparer.OrdinalIgnoreCase) : null;
        var repeated = 0;
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            if (!MayPass(name, value))
                continue;
            if (names is null ? !IsAmong(lines, name) : names.Add(name))
                lines.Add(headers[i]);
            else
                lines.Add(new Header(RunnerWire.OfferLine + (++repeated).ToString(CultureInfo.InvariantCulture), name + ":" + value));
        }
    }

    private static bool IsAmong(List<Header> lines, string name)
    {
        foreach (var line in lines)
        {
            if (line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool MayPass(string name, string value) =>
        !RunnerWire.IsReserved(name)
        && !HopHeaders.Contains(name, value)
        && !name.Equals("Expect", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        && HeaderRules.IsName(name)
        && HeaderRules.IsValue(value);
}
