using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Invocation;

/// <summary>How a client's request becomes a call's head, and a function's answer the head of a response. One for each way to call a function.</summary>
internal interface ICallTranslation
{
    /// <summary>Whether the client may ask not to be kept (<c>Fn-Invoke-Type: detached</c>).</summary>
    bool MayDetach { get; }

    /// <summary>Adds the headers that the function gets, one entry a line, in the client's order.</summary>
    void AddHeaders(HttpRequest request, List<Header> headers);

    /// <summary>The status that the client gets, 200 to 999; with any other the answer is none.</summary>
    int StatusOf(RunnerAnswer answer);

    /// <summary>Appends those of the function's headers that the client gets.</summary>
    void AppendHeaders(RunnerAnswer answer, IHeaderDictionary headers);
}
