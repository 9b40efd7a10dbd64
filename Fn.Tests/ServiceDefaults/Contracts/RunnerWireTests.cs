using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Contracts;

public sealed class RunnerWireTests
{
    [Theory]
    [InlineData("Fn-Offer-Revision", true)]
    [InlineData("fn-offer-anything", true)]
    [InlineData("FN-OUTCOME", true)]
    [InlineData("Fn-Not-Placed", true)]
    [InlineData("Fn-Timeline", true)]
    [InlineData("Fn-Error", true)]
    [InlineData("Fn-Error-Detail", true)]
    [InlineData("Fn-Function-Date", true)]
    [InlineData("Fn-Errors", false)]
    [InlineData("Fn-Outcomes", false)]
    [InlineData("Fn-Http-Status", false)]
    [InlineData("Fn-Call-Id", false)]
    [InlineData("X-Fn-Outcome", false)]
    public void IsReserved_Name_IsThePlatforms(string name, bool reserved) => Assert.Equal(reserved, RunnerWire.IsReserved(name));

    [Theory]
    [InlineData(NotPlacedReason.Full)]
    [InlineData(NotPlacedReason.Draining)]
    [InlineData(NotPlacedReason.UnknownRevision)]
    public void ToReason_WrittenReason_ComesBack(NotPlacedReason reason) => Assert.Equal(reason, RunnerWire.ToReason(RunnerWire.ToWire(reason)!));

    [Fact]
    public void ToReason_FromANewerRunner_CountsAsFull() => Assert.Equal(NotPlacedReason.Full, RunnerWire.ToReason("too-warm"));

    [Fact]
    public void ReadFailure_ErrorFromANewerRunner_IsInternal()
    {
        var failure = RunnerWire.ReadFailure(name => name == RunnerWire.Error ? "TooWarm" : null);

        Assert.Equal(new CallFailure(CallError.Internal) { Detail = "TooWarm" }, failure);
    }

    [Fact]
    public void LinesOf_LongDetail_IsCut()
    {
        var lines = RunnerWire.LinesOf(new CallFailure(CallError.PullFailed) { Detail = new string('x', 100_000) });

        Assert.Equal(4096, lines.Single(line => line.Name == RunnerWire.ErrorDetail).Value.Length);
    }
}
