namespace Fn.AppHost.Online.Publishing;

/// <summary>What a runner in a container needs of its machine, by the same paths there and in the container: the engine mounts the functions' sockets from the machine.</summary>
internal static class EnginePaths
{
    public const string Engine = "/var/run/docker.sock";
    public const string Sockets = "/run/fn";
    public const string Data = "/var/lib/fn";

    public static IReadOnlyList<string> All { get; } = [Engine, Sockets, Data];

    /// <summary>Seconds; more than running calls are given to end, and their containers after them.</summary>
    public const int StopSeconds = 60;
}
