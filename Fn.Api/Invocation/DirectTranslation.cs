using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Api.Invocation;

/// <summary><c>/invoke</c>: headers pass as they are, both ways.</summary>
internal sealed class DirectTranslation : ICallTranslation
{
    public static DirectTranslation Instance { get; } = new();

    public bool MayDetach => true;

    public void AddHeaders(HttpRequest request, List<Header> headers)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (!CallHeaders.ReachesFunctions(name))
                continue;
            foreach (var value in values)
            {
                if (value is not null && !HopHeaders.Contains(name, value))
                    headers.Add(new Header(name, value));
            }
        }
    }

    public int StatusOf(RunnerAnswer answer) => answer.Status;

    public void AppendHeaders(RunnerAnswer answer, IHeaderDictionary headers)
    {
        // Not by an enumerator, which would be an object for each answer.
        for (var i = 0; i < answer.Headers.Count; i++)
        {
            var (name, value) = answer.Headers[i];
            if (CallHeaders.ReachesClients(name, value))
                headers.Append(name, value);
        }
    }
}
