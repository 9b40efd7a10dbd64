using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>What a format sends.</summary>
internal readonly struct ExchangeRequest
{
    public required CallOffer Call { get; init; }

    /// <summary>When the function has to be done: the instant its slot was taken plus its timeout.</summary>
    public required DateTimeOffset Deadline { get; init; }
}
