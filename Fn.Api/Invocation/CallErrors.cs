using System.Globalization;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Invocation;

/// <summary>Whose doing a failure is. Decides how it is logged.</summary>
internal enum Blame
{
    Client,
    Function,
    Platform,
}

/// <summary>What a client is told of a failure.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Message">The message of the error body.</param>
/// <param name="Blame">Whose doing it is.</param>
internal readonly record struct CallErrorReply(int Status, string Message, Blame Blame);

/// <summary>The one table from the ways a call can fail to what the client is told. Messages are the contract's, exactly.</summary>
internal static class CallErrors
{
    /// <summary>What a busy platform asks for when it cannot predict.</summary>
    private const int RetryAfterUnknown = 15;

    private const string Busy = "Timed out - server too busy";
    private const string InternalError = "internal server error";
    private const string NoAnswer = "error receiving function response";
    private const string CheckLogs = "please ensure you are using the latest fdk and check the logs";

    public static CallErrorReply Describe(CallFailure failure, FunctionSpec function) => failure.Error switch
    {
        // Nobody is there to read it; 499 is what others log for it.
        CallError.ClientLeft => new(499, "client closed the connection", Blame.Client),
        CallError.RequestTooLarge => new(502, NoAnswer, Blame.Client),
        CallError.RequestMalformed => new(400, "Bad request", Blame.Client),
        CallError.MemoryAboveBudget => new(400, "Requested CPU/Memory cannot be allocated", Blame.Function),
        CallError.PullFailed => new(failure.Status ?? 502, $"Failed to pull image '{function.Image}': {failure.Detail}", Blame.Function),
        CallError.PullTimedOut => new(504, "Image pull timed out", Blame.Function),
        CallError.ImageHasVolume => new(400, "image has Volume definition", Blame.Function),
        CallError.InitializationFailed => new(502, $"Container failed to initialize, {CheckLogs}", Blame.Function),
        CallError.InitializationTimedOut => new(504, $"Container initialization timed out, {CheckLogs}", Blame.Function),
        CallError.FunctionTimedOut => new(504, "Timed out", Blame.Function),
        CallError.FunctionFailed => new(502, "function failed", Blame.Function),
        CallError.InvalidStatus => new(502, "invalid function response", Blame.Function),
        CallError.AnswerBroken => new(502, NoAnswer, Blame.Function),
        CallError.InvalidHttpResponse => new(502, InvalidResponse(failure, function), Blame.Function),
        CallError.AnswerCutShort => new(500, InternalError, Blame.Function),
        CallError.AnswerTooLarge => new(502, IsHot(function) ? "function response body too large" : "function response too large", Blame.Function),
        CallError.AnswerHeadersTooLarge => new(502, "function response header too large", Blame.Function),
        CallError.AnsweredEarly => new(502, "function invoked write before receiving entire request", Blame.Function),
        CallError.InputClosed => new(502, "function closed pipe while receiving request", Blame.Function),
        CallError.ExitCode => new(502, $"container exit code {failure.Detail}", Blame.Function),
        CallError.OutOfMemory => new(502, OutOfMemory(function), Blame.Function),
        // Mostly the function's doing: a runner breaks its connection too when the function broke off.
        CallError.RunnerLost => new(502, NoAnswer, Blame.Platform),
        CallError.QueueTimedOut or CallError.QueueFull or CallError.NoRunner or CallError.EngineUnavailable => new(503, Busy, Blame.Platform),
        _ => new(500, InternalError, Blame.Platform),
    };

    /// <summary>The value of Retry-After, in whole seconds; null when there is none.</summary>
    public static string? RetryAfter(CallFailure failure, int status)
    {
        if (failure.RetryAfter is { } span)
            return Math.Max(1, (long)Math.Ceiling(span.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return status == StatusCodes.Status503ServiceUnavailable ? RetryAfterUnknown.ToString(CultureInfo.InvariantCulture) : null;
    }

    private static bool IsHot(FunctionSpec function) => function.Format != FunctionFormat.Default;

    // The parser's text is part of the older formats' contract; FDK users get the general message.
    private static string InvalidResponse(CallFailure failure, FunctionSpec function) =>
        function.Format == FunctionFormat.HttpStream ? NoAnswer : $"invalid http response from function err: {failure.Detail}";

    private static string OutOfMemory(FunctionSpec function) => function.Format == FunctionFormat.HttpStream
        ? NoAnswer
        : "container out of memory, you may want to raise function.memory for this function (default: 128MB)";
}
