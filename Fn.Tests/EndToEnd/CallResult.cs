namespace Fn.Tests.EndToEnd;

/// <summary>A call's answer as its client sees it.</summary>
/// <param name="RetryAfter">In seconds.</param>
internal sealed record CallResult(int Status, string Body, string? Start, string? CallId, string? Limit, int? RetryAfter, string? Runner);
