namespace Fn.ServiceDefaults.Contracts;

/// <summary>Why a runner did not take a call. On the wire (<c>Fn-Not-Placed</c>) the names are lower case with dashes.</summary>
public enum NotPlacedReason
{
    /// <summary>No slot is free and a start would have to wait for memory; offer it elsewhere, or again with a time to wait.</summary>
    Full,

    /// <summary>The runner is stopping.</summary>
    Draining,

    /// <summary>A remote runner does not know the revision; its spec has to be sent first. Never leaves the HTTP implementation of the seam.</summary>
    UnknownRevision,

    /// <summary>The runner could not be reached: the connection was refused, so nothing of the call got there.</summary>
    Unreachable,
}
