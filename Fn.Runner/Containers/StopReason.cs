namespace Fn.Runner.Containers;

/// <summary>Why a container ends.</summary>
internal enum StopReason
{
    /// <summary>It was idle for longer than its function's idle timeout.</summary>
    IdleTimeout,

    /// <summary>Idle, and its memory is needed by another function.</summary>
    Memory,

    /// <summary>Its memory is needed by a function that has no container, so it went when its call was over.</summary>
    Claim,

    /// <summary>An operator asked for it.</summary>
    Asked,

    /// <summary>It ended by itself, closed its stream, or spoke out of turn.</summary>
    Ended,

    /// <summary>After its call it could not be kept.</summary>
    NotReusable,

    /// <summary>Its format has a container for each call.</summary>
    OneCall,

    /// <summary>When it was ready, nobody wanted it any more.</summary>
    Unwanted,

    /// <summary>With it, its function's calls did not go through faster than without.</summary>
    Surplus,

    /// <summary>The runner stops.</summary>
    Shutdown,
}
