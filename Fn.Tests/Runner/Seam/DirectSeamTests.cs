namespace Fn.Tests.Runner.Seam;

/// <summary>The suite against the fake itself: what the suite expects is what the contract of the seam says, not what HTTP makes of it.</summary>
public sealed class DirectSeamTests : SeamConformance
{
    private protected override Task<ISeam> CreateAsync() => Task.FromResult<ISeam>(ScriptedSeam.Direct());
}
