using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Dashboard.Calls;

/// <summary>Why a call failed, for whoever reads its story.</summary>
internal static class ErrorWords
{
    public static string Of(CallError error) => error switch
    {
        CallError.ClientLeft => "the client closed its connection",
        CallError.RequestTooLarge => "its body went over the limit (Fn:Api:MaxRequestSize)",
        CallError.RequestMalformed => "its body was malformed",
        CallError.MemoryAboveBudget => "the function asks for more memory than a runner has in all",
        CallError.PullFailed => "its image cannot be had",
        CallError.PullTimedOut => "its image took longer than the limit to get",
        CallError.ImageHasVolume => "its image declares a volume",
        CallError.InitializationFailed => "its container ended before it was ready; see the log",
        CallError.InitializationTimedOut => "its container was not ready in time; see the log",
        CallError.FunctionTimedOut => "the function ran longer than its timeout",
        CallError.FunctionFailed => "the function reported its own failure",
        CallError.InvalidStatus => "the function answered with a status that its format does not allow",
        CallError.AnswerBroken => "the function ended before its answer was complete",
        CallError.InvalidHttpResponse => "what the function wrote is no HTTP response",
        CallError.AnswerCutShort => "the answer ended before its announced length",
        CallError.AnswerTooLarge => "the answer is larger than allowed",
        CallError.AnswerHeadersTooLarge => "the answer’s headers are larger than allowed",
        CallError.AnsweredEarly => "the function answered before it had the whole request",
        CallError.InputClosed => "the function closed its input before it had the whole request",
        CallError.ExitCode => "the function ended with an exit code other than 0",
        CallError.OutOfMemory => "the function used more memory than it may",
        CallError.QueueTimedOut => "it waited for a slot as long as is allowed (Fn:Calls:QueueTimeout)",
        CallError.QueueFull => "too many calls wait (Fn:Calls:MaxQueued)",
        CallError.NoRunner => "no runner takes calls",
        CallError.RunnerLost => "the connection to its runner broke",
        CallError.StartFailed => "its container could not be started",
        CallError.EngineUnavailable => "what runs containers cannot be reached",
        CallError.Internal => "a bug of the platform; see the gateway’s and the runner’s logs",
        _ => error.ToString(),
    };
}
