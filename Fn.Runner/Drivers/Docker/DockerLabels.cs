namespace Fn.Runner.Drivers.Docker;

/// <summary>The labels of containers.</summary>
internal static class DockerLabels
{
    /// <summary>The id of the runner that made it. By this, containers of a runner that is gone are found.</summary>
    public const string Runner = "fn.runner";

    /// <summary>For people who look at the engine.</summary>
    public const string Function = "fn.function";

    public const string App = "fn.app";
}
