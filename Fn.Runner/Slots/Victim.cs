using Fn.Runner.Containers;

namespace Fn.Runner.Slots;

/// <summary>A container that is stopped so that another function gets its memory.</summary>
/// <param name="Pool">Whose it is.</param>
/// <param name="Container">The container.</param>
/// <param name="Idle">How long it had been idle.</param>
internal sealed record Victim(SlotPool Pool, HotContainer Container, TimeSpan Idle);
