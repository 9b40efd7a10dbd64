namespace Fn.Tests.Runner.Seam;

/// <summary>The suite through the gateway's HTTP client, a real Kestrel and the runner's endpoints, on one machine.</summary>
public sealed class HttpSeamTests : SeamConformance
{
    private protected override async Task<ISeam> CreateAsync() => await ScriptedSeam.OverHttpAsync(tcp: false);
}

/// <summary>The same over TCP, as between machines.</summary>
public sealed class HttpOverTcpSeamTests : SeamConformance
{
    private protected override async Task<ISeam> CreateAsync() => await ScriptedSeam.OverHttpAsync(tcp: true);
}
