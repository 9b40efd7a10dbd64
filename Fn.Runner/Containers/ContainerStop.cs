using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Containers;

/// <summary>A container's end, once it is decided.</summary>
/// <param name="Reason">Why.</param>
/// <param name="At">Timestamp of the decision.</param>
/// <param name="ForFunction">Who needs its memory; null: nobody.</param>
/// <param name="RoomFor">The span of the start that needs it; null: it is not traced.</param>
internal sealed record ContainerStop(StopReason Reason, long At, FunctionSpec? ForFunction = null, Activity? RoomFor = null);
