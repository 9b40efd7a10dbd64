using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;
using Fn.Tests.Runner.Slots;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

public sealed class FunctionNamesTests
{
    [Fact]
    public void Of_MoreFunctionsThanAllowed_LaterOnesAreAlike()
    {
        var names = new FunctionNames(2);

        Assert.Equal(["app/a", "app/b", "_other", "app/a", "_other"], ((string[])["a", "b", "c", "a", "d"]).Select(name => names.Of(Function(name))));
    }

    [Fact]
    public void Of_None_AllAreAlike() => Assert.Equal("_other", new FunctionNames(0).Of(Function("a")));

    [Fact]
    public void Of_ManyThreads_NoMoreThanAllowed()
    {
        var names = new FunctionNames(10);

        var told = Enumerable.Range(0, 1000).AsParallel().Select(i => names.Of(Function($"f{i % 100}"))).ToHashSet();

        Assert.Equal(11, told.Count);
    }

    private static FunctionSpec Function(string name) => SlotHarness.Function(name);
}
