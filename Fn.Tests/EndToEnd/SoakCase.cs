namespace Fn.Tests.EndToEnd;

/// <summary>One call of a soak: what is asked of which function, and what may come of it.</summary>
/// <param name="Function">The function.</param>
/// <param name="Behaviour">What it shall do.</param>
/// <param name="Body">The body.</param>
/// <param name="Chunked">Whether the client does not say how long the body is.</param>
/// <param name="IsDefined">Whether an outcome is one of those that are defined for it.</param>
internal sealed record SoakCase(SoakFunction Function, string Behaviour, string Body, bool Chunked, Func<CallOutcome, bool> IsDefined)
{
    private const string NoAnswer = "error receiving function response";
    private const string NotStarted = "Container failed to initialize, please ensure you are using the latest fdk and check the logs";
    private const string OutOfMemory = "container out of memory, you may want to raise function.memory for this function (default: 128MB)";

    /// <summary>What the function is told: to note that it saw the call, then what it shall do.</summary>
    public string Told(string file) => Function.IsShell ? $"echo $FN_CALL_ID >> {file}; {Behaviour}" : $"count-executions {file} {Behaviour}";

    /// <summary>What may come of any call in whose time a process of some function was killed from outside.</summary>
    public static bool MayBeOfAKilledFunction(CallOutcome outcome) =>
        outcome is { Status: > 0, IsWhole: false } || (outcome.Status, outcome.Message) is (502, NoAnswer or NotStarted or OutOfMemory) or (500, "internal server error");

    public static Func<CallOutcome, bool> Answers(string body, int status = 200) => outcome => outcome.IsWhole && outcome.Status == status && outcome.Body == body;

    public static Func<CallOutcome, bool> AnswersSo(Func<string, bool> body) => outcome => outcome is { IsWhole: true, Status: 200 } && body(outcome.Body);

    public static Func<CallOutcome, bool> Fails(int status, string message) => outcome => outcome.Status == status && outcome.Message == message;

    public static Func<CallOutcome, bool> FailsWithoutAnswer => Fails(502, NoAnswer);

    public static Func<CallOutcome, bool> FailsOutOfMemory => Fails(502, OutOfMemory);

    /// <summary>Broken off behind a part of what the function would have written, or, before any of it was passed on, one of these errors.</summary>
    public static Func<CallOutcome, bool> BreaksOff(string whole, params (int Status, string Message)[] errors) => outcome => outcome.IsWhole
        ? (outcome.Status, outcome.Message) is (500, "internal server error") or (502, NoAnswer) || errors.Contains((outcome.Status, outcome.Message ?? ""))
        : outcome.Status == 200 && whole.StartsWith(outcome.Body, StringComparison.Ordinal);
}

/// <summary>A function of a soak.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsShell">Format default, does what the header says as a shell; else format http, the faulty function.</param>
internal sealed record SoakFunction(string Id, bool IsShell);
