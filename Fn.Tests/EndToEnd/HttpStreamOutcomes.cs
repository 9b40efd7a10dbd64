namespace Fn.Tests.EndToEnd;

/// <summary>What a function of the format http-stream can do with a call, and what its client is told. Timeouts need a function that has not long.</summary>
internal static class HttpStreamOutcomes
{
    private const string NoAnswer = "error receiving function response";

    public static readonly IReadOnlyList<(string Behaviour, int Status, string? Message)> All =
    [
        ("echo", 200, null),
        ("status 502", 502, "function failed"),
        ("status 504", 504, "Timed out"),
        ("status 500", 502, "invalid function response"),
        ("exit 1", 502, NoAnswer),
        ("close-connection-unanswered", 502, NoAnswer),
        ("garbage", 502, NoAnswer),
        ("header-size 70000", 502, "function response header too large"),
        ("nothing", 504, "Timed out"),
    ];
}
