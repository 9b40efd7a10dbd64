namespace Fn.ServiceDefaults.Contracts;

/// <summary>The instants of a call that are worth knowing, in their order. Those of a start are only there for a call that waited for one.</summary>
public enum CallPhase
{
    /// <summary>The gateway (or, on a runner's side of the wire, the runner) has the call's head.</summary>
    Received,

    /// <summary>The gateway offers it to the runner that takes it.</summary>
    Placed,

    /// <summary>The start of its container was granted: start budget, memory and victim were there.</summary>
    StartGranted,

    /// <summary>The image is there.</summary>
    Pulled,

    /// <summary>The container exists.</summary>
    Created,

    /// <summary>The container runs.</summary>
    Started,

    /// <summary>The container can take a call.</summary>
    Ready,

    /// <summary>The call holds a slot.</summary>
    SlotTaken,

    /// <summary>The function's headers are here.</summary>
    Answered,

    /// <summary>The last byte of the answer was passed on, or the call ended otherwise.</summary>
    Ended,

    /// <summary>The runner has the call's head. Only where there is a way to it; comes after <see cref="Placed"/>, and stands here because numbers travel.</summary>
    Taken,
}
