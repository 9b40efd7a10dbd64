namespace Fn.ServiceDefaults.Contracts;

/// <summary>What an operator can have a runner do.</summary>
public interface IRunnerControl
{
    /// <summary>Takes no more calls from now on, until the process is started again. Calls that run go on, those that wait go elsewhere.</summary>
    Task DrainAsync(CancellationToken cancel);

    /// <summary>Ends the idle containers of one function, or of all; returns how many.</summary>
    Task<int> EvictIdleAsync(string? functionId, CancellationToken cancel);
}
