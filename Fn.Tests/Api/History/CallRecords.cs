using Fn.Api.History;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Api.History;

/// <summary>Calls to be kept.</summary>
internal static class CallRecords
{
    /// <param name="number">Where it stands in time.</param>
    /// <param name="functionId">Its function.</param>
    /// <param name="cold">Whether it waited for a start.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="ran">Whether it held a slot.</param>
    public static CallRecord Make(int number, string functionId = "f", bool cold = false, CallError? error = null, bool ran = true) => new()
    {
        CallId = $"call{number:D6}",
        FunctionId = functionId,
        Status = error is null ? 200 : 502,
        Error = error,
        Cold = cold,
        Phases = ran
            ? [new ReachedPhase(CallPhase.Received, 0), new ReachedPhase(CallPhase.SlotTaken, 100), new ReachedPhase(CallPhase.Answered, 1500), new ReachedPhase(CallPhase.Ended, 1600)]
            : [new ReachedPhase(CallPhase.Received, 0), new ReachedPhase(CallPhase.Ended, 1600)],
        Queue = 0.1,
        Start = cold ? 400 : 0,
        Run = 1.4,
        Total = 1.6,
    };
}
