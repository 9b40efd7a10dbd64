using Microsoft.AspNetCore.Http;

namespace Fn.ServiceDefaults.Http;

/// <summary>Writes the head of an answer when the first of its bytes is about to leave.</summary>
public interface IAnswerHead
{
    /// <summary>True when the head depends on the body's first chunk, so it cannot leave before that.</summary>
    bool NeedsFirstChunk { get; }

    /// <summary>Sets status and headers, all but Content-Length.</summary>
    /// <param name="response">A response of which nothing has been sent.</param>
    /// <param name="firstChunk">The body's first bytes; empty when there is no body or the head leaves before it.</param>
    void Write(HttpResponse response, ReadOnlySpan<byte> firstChunk);
}
