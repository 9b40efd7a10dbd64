namespace Fn.ServiceDefaults.Contracts;

/// <summary>What functions wrote to their logs on a runner lately.</summary>
public interface IRunnerLogs
{
    /// <summary>The lines that are kept of a function, oldest first, then every new one until cancelled. A reader that is too slow misses some.</summary>
    /// <exception cref="HttpRequestException">The runner could not be reached, or does not answer this.</exception>
    /// <exception cref="IOException">The connection to the runner broke.</exception>
    IAsyncEnumerable<RunnerLogLine> FollowAsync(string functionId, CancellationToken cancel);
}

/// <summary>One line of a function's log.</summary>
/// <param name="Ago">Milliseconds since it was written.</param>
/// <param name="ContainerId">The container that wrote it.</param>
/// <param name="CallId">The call that the container served; null: none.</param>
/// <param name="Text">The line.</param>
public sealed record RunnerLogLine(long Ago, string ContainerId, string? CallId, string Text);
