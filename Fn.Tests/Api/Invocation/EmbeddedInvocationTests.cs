using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Fn.Tests.Api.Invocation;

/// <summary>One process: the runner is called directly.</summary>
public sealed class EmbeddedInvocationTests : InvocationConformance
{
    private protected override Task<Dictionary<string, string?>> StartRunnerAsync() => Task.FromResult(new Dictionary<string, string?>());

    private protected override void AddRunner(IServiceCollection services) => services.AddSingleton<IRunner>(Runner);

    private protected override ValueTask StopRunnerAsync() => ValueTask.CompletedTask;
}
