using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Formats.Http;

/// <summary>The head of a function's answer.</summary>
internal sealed class AnswerHead
{
    public required int Status { get; init; }

    /// <summary>What is passed on: without hop-by-hop headers and Content-Length; one entry a line, in the function's order.</summary>
    public required IReadOnlyList<Header> Headers { get; init; }

    public required AnswerFrame Frame { get; init; }

    /// <summary>Whether the function ends its stream after this answer.</summary>
    public required bool Closes { get; init; }

    /// <summary>For how long the function says that it keeps an idle stream open; null: it says nothing of it.</summary>
    public TimeSpan? KeepAlive { get; init; }
}

/// <summary>How the end of an answer's body is known: by its length, by chunks, or, when not delimited, by the end of the stream.</summary>
internal readonly record struct AnswerFrame(long? Length, bool IsDelimited);

/// <summary>An answer's head, or why there is none: one of the two.</summary>
internal readonly record struct HeadOutcome(AnswerHead? Head, CallFailure? Failure)
{
    private const int MaxDetail = 256;

    public static HeadOutcome Broken { get; } = new(null, new CallFailure(CallError.AnswerBroken));

    public static HeadOutcome TooLarge { get; } = new(null, new CallFailure(CallError.AnswerHeadersTooLarge));

    /// <param name="detail">What is wrong, for the function's author.</param>
    public static HeadOutcome Invalid(string detail) => new(null, new CallFailure(CallError.InvalidHttpResponse)
    {
        Detail = detail.Length <= MaxDetail ? detail : string.Concat(detail.AsSpan(0, MaxDetail), "…"),
    });
}
