namespace Fn.Tests.Runner.Seam;

/// <summary>The suite through the gateway's HTTP client, a real Kestrel and the runner's endpoints.</summary>
public sealed class HttpSeamTests : SeamConformance
{
    private protected override async Task<ISeam> CreateAsync() => await ScriptedSeam.OverHttpAsync();
}
