namespace Fn.Runner.Containers;

/// <summary>The life of a container that is ready: idle and busy in turn, then stopping, then gone.</summary>
internal enum HotContainerState
{
    /// <summary>Holds no call; on its pool's stack.</summary>
    Idle,

    /// <summary>Serves one call.</summary>
    Busy,

    /// <summary>Being removed; its memory is still reserved.</summary>
    Stopping,

    /// <summary>Really gone, its memory given back.</summary>
    Gone,
}
