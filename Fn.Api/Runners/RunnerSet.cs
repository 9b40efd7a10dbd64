using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Api.Runners;

/// <summary>The runners this gateway knows: the remote ones it was told of, or else the one in its own process.</summary>
internal sealed class RunnerSet : IDisposable
{
    private const string InProcessKey = "in-process";

    private readonly List<HttpRunner> _remote = [];

    /// <param name="options">The remote runners.</param>
    /// <param name="inProcess">The runner in this process, if there is one; used only when there are no remote ones.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the remote runners' logs.</param>
    public RunnerSet(IOptions<RunnersOptions> options, Func<IRunner?> inProcess, TimeProvider time, ILoggerFactory loggers)
    {
        foreach (var address in options.Value.Runners)
            _remote.Add(new HttpRunner(new Uri(address), loggers.CreateLogger<HttpRunner>()));
        if (_remote.Count > 0)
            Runners = [.. _remote.Select((runner, i) => new RunnerEntry(new Uri(options.Value.Runners[i]).Authority, runner, time))];
        else if (inProcess() is { } own)
            Runners = [new RunnerEntry(InProcessKey, own, time)];
        else
            throw new InvalidOperationException($"{RunnersOptions.Section}:{nameof(RunnersOptions.Runners)} is empty and no runner runs in this process: calls could go nowhere.");
    }

    /// <param name="runners">Runners that somebody else owns.</param>
    internal RunnerSet(IReadOnlyList<RunnerEntry> runners) => Runners = runners;

    public IReadOnlyList<RunnerEntry> Runners { get; }

    public void Dispose()
    {
        foreach (var runner in _remote)
            runner.Dispose();
    }
}
