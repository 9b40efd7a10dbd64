using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.DependencyInjection;

namespace Fn.Tests.Api.Invocation;

/// <summary>Two processes' worth: the runner is a server of its own.</summary>
public sealed class RemoteInvocationTests : InvocationConformance
{
    private LoopbackServer _runnerServer = null!;

    private protected override async Task<Dictionary<string, string?>> StartRunnerAsync()
    {
        _runnerServer = await ScriptedSeam.ServeAsync(Runner);
        return new Dictionary<string, string?> { ["Fn:Runners:0"] = _runnerServer.Address.ToString() };
    }

    private protected override void AddRunner(IServiceCollection services)
    {
    }

    private protected override ValueTask StopRunnerAsync() => _runnerServer.DisposeAsync();
}
