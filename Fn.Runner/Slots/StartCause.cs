using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>Why a start was asked for: what the launch rule saw and said, and the call that made the difference.</summary>
/// <param name="Snapshot">What the rule looked at; null: it was not asked, because each call has a container, or no call asked for this one.</param>
/// <param name="Decision">What it said.</param>
/// <param name="Call">The call the start belongs to: the first of a function without containers, else the one that would wait the longest. Null: none did.</param>
/// <param name="At">Timestamp of the decision.</param>
internal readonly record struct StartCause(LaunchSnapshot? Snapshot, LaunchDecision Decision, CallOffer? Call, long At);
