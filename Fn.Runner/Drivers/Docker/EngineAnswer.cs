using System.Net;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers.Docker;

/// <summary>What the engine said to one request: a value, or what was wrong.</summary>
internal readonly record struct EngineAnswer<T>(T? Value, EngineError? Error);

/// <summary>A request that came to nothing.</summary>
/// <param name="Status">What the engine answered; null: it could not be reached, or took too long.</param>
/// <param name="Message">The engine's words, or what went wrong on the way to it.</param>
internal sealed record EngineError(HttpStatusCode? Status, string Message)
{
    /// <summary>What a call that needed the answer fails with.</summary>
    public CallFailure ToFailure() => new(Status is null ? CallError.EngineUnavailable : CallError.StartFailed) { Detail = Message };
}
