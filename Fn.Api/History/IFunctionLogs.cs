namespace Fn.Api.History;

/// <summary>What the containers of a function wrote to their logs lately, wherever they run. Runners keep a bounded tail; nothing travels while nobody reads.</summary>
internal interface IFunctionLogs
{
    /// <summary>The kept lines, oldest first, then every new one until cancelled. Lines of a runner that cannot be reached are missing; it is asked again.</summary>
    IAsyncEnumerable<FunctionLogLine> FollowAsync(string functionId, CancellationToken cancel);
}

/// <summary>One line of a function's log.</summary>
/// <param name="At">When the runner read it, by the runner's clock.</param>
/// <param name="RunnerId">The runner.</param>
/// <param name="ContainerId">The container that wrote it.</param>
/// <param name="CallId">The call that ran in it; null: none did.</param>
/// <param name="Text">The line, without its end; characters that cannot be shown are replaced.</param>
internal sealed record FunctionLogLine(DateTimeOffset At, string RunnerId, string ContainerId, string? CallId, string Text);
