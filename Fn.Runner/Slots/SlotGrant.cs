using Fn.Runner.Containers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>
/// What a pool answers to a call that asks for a slot: a container for it alone, a failure, or a refusal (nothing of the call
/// happened). Whoever gets a container gives it back by <see cref="SlotPool.Release"/>, once.
/// </summary>
internal readonly record struct SlotGrant
{
    public HotContainer? Container { get; private init; }

    public CallFailure? Failure { get; private init; }

    public NotPlacedReason? Refused { get; private init; }

    public static SlotGrant Slot(HotContainer container) => new() { Container = container };

    public static SlotGrant Fail(CallFailure failure) => new() { Failure = failure };

    public static SlotGrant Refuse(NotPlacedReason reason) => new() { Refused = reason };
}
