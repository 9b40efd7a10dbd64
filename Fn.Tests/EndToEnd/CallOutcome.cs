using System.Text;
using System.Text.Json;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A call as far as its client got: an answer, a part of one, or none.</summary>
internal sealed record CallOutcome
{
    /// <summary>0: there was no answer at all.</summary>
    public int Status { get; private init; }

    /// <summary>Why there was no answer at all.</summary>
    public HttpRequestException? WhyNone { get; private init; }

    /// <summary>The body, as far as it came.</summary>
    public string Body { get; private init; } = "";

    /// <summary>False when the connection broke before the answer's end.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>Each header's first value.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private init; } = new Dictionary<string, string>();

    public string? CallId => Headers.GetValueOrDefault("Fn-Call-Id");

    public string? Start => Headers.GetValueOrDefault("Fn-Start");

    public string? Runner => Headers.GetValueOrDefault("Fn-Runner");

    /// <summary>The message of an error of the platform's own; null when this is none.</summary>
    public string? Message => IsWhole && Body.StartsWith("{\"message\":\"", StringComparison.Ordinal) && Body.EndsWith("}\n", StringComparison.Ordinal)
        ? JsonDocument.Parse(Body).RootElement.GetProperty("message").GetString()
        : null;

    /// <summary>Calls a function over HTTP.</summary>
    /// <param name="http">The client of a gateway.</param>
    /// <param name="id">The function.</param>
    /// <param name="behaviour">What the function shall do; null: whatever it does by itself.</param>
    /// <param name="body">The body; null: an empty one.</param>
    /// <param name="detached">Whether the client does not wait for the function.</param>
    /// <param name="cancel">The client leaves.</param>
    public static async Task<CallOutcome> OfAsync(
        HttpClient http, string id, string? behaviour, HttpContent? body = null, bool detached = false, CancellationToken? cancel = null)
    {
        var token = cancel ?? TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{id}") { Content = body ?? new ByteArrayContent([]) };
        if (behaviour is not null)
            request.Headers.TryAddWithoutValidation(FaultyFunction.Header, behaviour);
        if (detached)
            request.Headers.Add("Fn-Invoke-Type", "detached");
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            return await ReadAsync(answer, token);
        }
        catch (HttpRequestException e)
        {
            return new CallOutcome { WhyNone = e };
        }
    }

    public override string ToString() => Status == 0 ? $"no answer: {WhyNone}" : $"{Status} {(IsWhole ? "whole" : "broken")} after {Body.Length}: {(Body.Length <= 200 ? Body : Body[..200])}";

    private static async Task<CallOutcome> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        var whole = true;
        try
        {
            await (await answer.Content.ReadAsStreamAsync(cancel)).CopyToAsync(body, cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            whole = false;
        }
        var headers = answer.Headers.Concat(answer.Content.Headers);
        return new CallOutcome
        {
            Status = (int)answer.StatusCode,
            Body = Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length)),
            IsWhole = whole,
            Headers = headers.ToDictionary(header => header.Key, header => header.Value.First(), StringComparer.OrdinalIgnoreCase),
        };
    }
}
