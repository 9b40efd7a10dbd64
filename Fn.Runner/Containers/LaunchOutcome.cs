using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>A container that is ready, or why there is none (nothing of it is left then).</summary>
internal readonly record struct LaunchOutcome(HotContainer? Container, CallFailure? Failure);
