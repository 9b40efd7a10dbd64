namespace Fn.Tests.Runner.Seam;

/// <summary>The suite against the engine in this process, as an embedded gateway calls it.</summary>
public sealed class EngineSeamTests : SeamConformance
{
    private protected override Task<ISeam> CreateAsync() => Task.FromResult<ISeam>(EngineSeam.Direct());
}

/// <summary>The suite against the engine behind the gateway's HTTP client, a real Kestrel and the runner's endpoints.</summary>
public sealed class EngineOverHttpSeamTests : SeamConformance
{
    private protected override async Task<ISeam> CreateAsync() => await EngineSeam.OverHttpAsync();
}
