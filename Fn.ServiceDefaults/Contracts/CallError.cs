namespace Fn.ServiceDefaults.Contracts;

/// <summary>
/// Every way a call can end without the function's own answer, grouped by who is to blame. The gateway's table turns each into a status and a message.
/// Names travel between gateway and runner; they are never renamed.
/// </summary>
public enum CallError
{
    /// <summary>Blame: client. It closed its connection or broke off its body.</summary>
    ClientLeft,

    /// <summary>Blame: client. Its body, of unknown length, went over the limit while it was being sent.</summary>
    RequestTooLarge,

    /// <summary>Blame: client. What it sent for a body, while it was being sent, is none.</summary>
    RequestMalformed,

    /// <summary>Blame: function. It asks for more memory than the runner has in all.</summary>
    MemoryAboveBudget,

    /// <summary>Blame: function. Its image cannot be had.</summary>
    PullFailed,

    /// <summary>Blame: function. Its image took longer than the limit to get.</summary>
    PullTimedOut,

    /// <summary>Blame: function. Its image declares a volume.</summary>
    ImageHasVolume,

    /// <summary>Blame: function. Its container ended, or offered something that is no socket, before it was ready.</summary>
    InitializationFailed,

    /// <summary>Blame: function. Its container was not ready within the limit.</summary>
    InitializationTimedOut,

    /// <summary>Blame: function. It ran longer than its timeout.</summary>
    FunctionTimedOut,

    /// <summary>Blame: function. It reported its own failure (http-stream status 502).</summary>
    FunctionFailed,

    /// <summary>Blame: function. It answered with a status its format does not allow.</summary>
    InvalidStatus,

    /// <summary>Blame: function. It closed its stream, ended, or was killed before its answer was complete.</summary>
    AnswerBroken,

    /// <summary>Blame: function. What it wrote is no HTTP response; the detail is the parser's text.</summary>
    InvalidHttpResponse,

    /// <summary>Blame: function. Its answer ended before the Content-Length it announced.</summary>
    AnswerCutShort,

    /// <summary>Blame: function. Its answer is larger than allowed.</summary>
    AnswerTooLarge,

    /// <summary>Blame: function. Its answer's headers are larger than allowed.</summary>
    AnswerHeadersTooLarge,

    /// <summary>Blame: function. It answered before it had been given the whole request.</summary>
    AnsweredEarly,

    /// <summary>Blame: function. It closed its input before it had been given the whole request.</summary>
    InputClosed,

    /// <summary>Blame: function. It ended with an exit code other than 0 (format default); the detail is the code.</summary>
    ExitCode,

    /// <summary>Blame: function. It was killed for using more memory than it may.</summary>
    OutOfMemory,

    /// <summary>Blame: platform. It waited as long as <c>Fn:Calls:QueueTimeout</c> allows, or would have to.</summary>
    QueueTimedOut,

    /// <summary>Blame: platform. More calls wait than <c>Fn:Calls:MaxQueued</c> allows.</summary>
    QueueFull,

    /// <summary>Blame: platform. No runner takes calls now: all are draining or unreachable.</summary>
    NoRunner,

    /// <summary>Blame: platform. The connection to the runner broke after the call had been placed, or the runner stopped and could not wait for it.</summary>
    RunnerLost,

    /// <summary>Blame: platform. The container could not be created or started for a reason that is not the function's.</summary>
    StartFailed,

    /// <summary>Blame: platform. What runs containers cannot be reached, or takes too long to answer.</summary>
    EngineUnavailable,

    /// <summary>Blame: platform. A bug.</summary>
    Internal,
}
