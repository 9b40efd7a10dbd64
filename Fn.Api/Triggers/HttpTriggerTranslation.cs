using System.Globalization;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Triggers;

/// <summary>
/// <c>/t</c>: the function sees an HTTP request wrapped in a call. Every header of the client's but the content's type is prefixed; of the function's, only
/// the prefixed ones and the type are the client's.
/// </summary>
internal sealed class HttpTriggerTranslation : ICallTranslation
{
    private const string Prefix = "Fn-Http-H-";
    private const string StatusHeader = "Fn-Http-Status";

    public static HttpTriggerTranslation Instance { get; } = new();

    public bool MayDetach => false;

    public void AddHeaders(HttpRequest request, List<Header> headers)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (!PassesToFunction(name))
                continue;
            var wrapped = IsContentType(name) ? name : Prefix + name;
            foreach (var value in values)
            {
                if (value is not null && !HopHeaders.Contains(name, value))
                    headers.Add(new Header(wrapped, value));
            }
        }
        headers.Add(new Header("Fn-Http-Method", request.Method));
        headers.Add(new Header("Fn-Http-Request-Url", request.UrlAsSent().ToString()));
        headers.Add(new Header("Fn-Intent", "httprequest"));
    }

    /// <summary>The status that the function gave, unless the exchange itself went wrong; 200 when it gave none.</summary>
    public int StatusOf(RunnerAnswer answer)
    {
        if (answer.Status >= StatusCodes.Status400BadRequest)
            return answer.Status;
        for (var i = 0; i < answer.Headers.Count; i++)
        {
            var (name, value) = answer.Headers[i];
            if (name.Equals(StatusHeader, StringComparison.OrdinalIgnoreCase))
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status > 0 ? status : StatusCodes.Status200OK;
        }
        return StatusCodes.Status200OK;
    }

    public void AppendHeaders(RunnerAnswer answer, IHeaderDictionary headers)
    {
        string? wrappedType = null;
        foreach (var (name, value) in answer.Headers)
        {
            if (Unwrap(name) is not { } own || !CallHeaders.ReachesClients(own, value))
                continue;
            // A function may give its type plainly, wrapped, or both.
            if (IsContentType(own) && !IsContentType(name))
                wrappedType ??= value;
            else
                headers.Append(own, value);
        }
        if (wrappedType is not null && headers.ContentType.Count == 0)
            headers.ContentType = wrappedType;
    }

    private static bool PassesToFunction(string name) =>
        !name.Equals("Host", StringComparison.OrdinalIgnoreCase) && !name.Equals("Expect", StringComparison.OrdinalIgnoreCase) && HeaderRules.IsName(name);

    /// <summary>The name under which a header of the function's reaches the client; null when it does not.</summary>
    private static string? Unwrap(string name)
    {
        if (name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return name[Prefix.Length..];
        return IsContentType(name) || name.Equals(FnHeaders.CallId, StringComparison.OrdinalIgnoreCase) ? name : null;
    }

    private static bool IsContentType(string name) => name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
}
