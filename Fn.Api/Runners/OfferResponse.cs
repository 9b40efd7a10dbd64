using System.Net;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Runners;

/// <summary>Makes the outcome of an offer from a runner's response (docs/wire.md).</summary>
internal static class OfferResponse
{
    /// <summary>The outcome; null when the response is none that a runner gives. An answer takes the response over; else it is disposed here.</summary>
    public static OfferOutcome? Read(HttpResponseMessage response, CallTimeline timeline)
    {
        OfferOutcome? outcome = null;
        try
        {
            outcome = ReadOutcome(response, timeline);
            return outcome;
        }
        finally
        {
            if (outcome is not AnsweredOutcome)
                response.Dispose();
        }
    }

    private static OfferOutcome? ReadOutcome(HttpResponseMessage response, CallTimeline timeline)
    {
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable && Value(response, RunnerWire.NotPlaced) is { } reason)
            return new RefusedOutcome(RunnerWire.ToReason(reason));
        var outcome = Value(response, RunnerWire.Outcome);
        if (outcome is not null && Value(response, RunnerWire.Timeline) is { } wire)
            timeline.MergeWire(wire);
        return outcome switch
        {
            RunnerWire.OutcomeAnswer => IsFramed(response) ? new AnsweredOutcome(ReadAnswer(response)) : null,
            RunnerWire.OutcomeAccepted => new AcceptedOutcome(),
            RunnerWire.OutcomeFailed => new FailedOutcome(RunnerWire.ReadFailure(name => Value(response, name))),
            _ => null,
        };
    }

    // A body that only the end of the connection delimits could be cut anywhere and look whole.
    private static bool IsFramed(HttpResponseMessage response) =>
        response.Headers.TransferEncodingChunked == true
        || response.Content.Headers.ContentLength is not null
        || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified;

    private static HttpAnswer ReadAnswer(HttpResponseMessage response)
    {
        var headers = new List<Header>(16);
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (name.Equals(RunnerWire.FunctionDate, StringComparison.OrdinalIgnoreCase))
                AddLines(headers, "Date", values);
            else if (!RunnerWire.IsReserved(name) && !name.Equals("Date", StringComparison.OrdinalIgnoreCase))
                AddLines(headers, name, values);
        }
        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                AddLines(headers, name, values);
        }
        return new HttpAnswer(response)
        {
            Status = (int)response.StatusCode,
            Headers = headers,
            ContentLength = response.Content.Headers.ContentLength,
            Body = new HttpAnswer.BodyStream(response.Content.ReadAsStream()),
        };
    }

    private static void AddLines(List<Header> headers, string name, System.Net.Http.Headers.HeaderStringValues values)
    {
        foreach (var value in values)
        {
            if (!HopHeaders.Contains(name, value))
                headers.Add(new Header(name, value));
        }
    }

    private static string? Value(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
