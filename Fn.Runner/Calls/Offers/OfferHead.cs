using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Offers;

/// <summary>What a gateway says of a call before its body.</summary>
internal sealed class OfferHead
{
    public required string CallId { get; init; }

    public required string Revision { get; init; }

    public required string Method { get; init; }

    public required string Url { get; init; }

    public required TimeSpan? Wait { get; init; }

    public required bool Detached { get; init; }

    /// <summary>Announced length of a body that is streamed.</summary>
    public required long? StreamedLength { get; init; }

    public required IReadOnlyList<Header> Headers { get; init; }

    /// <summary>The gateway's span; the default: none, or none that is well-formed.</summary>
    public required ActivityContext Parent { get; init; }
}
