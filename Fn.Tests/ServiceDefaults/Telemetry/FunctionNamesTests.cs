using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Telemetry;
using Fn.Tests.Runner.Slots;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

public sealed class FunctionNamesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Of_MoreFunctionsThanAllowed_LaterOnesAreAlike()
    {
        var names = new FunctionNames(2, _time);

        Assert.Equal(["app/a", "app/b", "_other", "app/a", "_other"], ((string[])["a", "b", "c", "a", "d"]).Select(name => names.Of(Function(name))));
    }

    [Fact]
    public void Of_None_AllAreAlike() => Assert.Equal("_other", new FunctionNames(0, _time).Of(Function("a")));

    [Fact]
    public void Of_ManyThreads_NoMoreThanAllowed()
    {
        var names = new FunctionNames(10, _time);

        var told = Enumerable.Range(0, 1000).AsParallel().Select(i => names.Of(Function($"f{i % 100}"))).ToHashSet();

        Assert.Equal(11, told.Count);
    }

    [Fact]
    public void Of_FunctionIsSilentForLong_ItsPlaceGoesToAnother()
    {
        var names = new FunctionNames(2, _time);
        Assert.Equal(["app/a", "app/b", "_other"], Of(names, "a", "b", "c"));

        // The first look only finds who is silent from now on.
        Advance(FunctionNames.Silence);
        Assert.Equal(["_other", "app/a"], Of(names, "c", "a"));
        Advance(FunctionNames.Silence);

        Assert.Equal(["app/c", "app/a", "_other"], Of(names, "c", "a", "b"));
    }

    [Fact]
    public void Of_NobodyWantsThePlace_ASilentFunctionKeepsIt()
    {
        var names = new FunctionNames(2, _time);
        Of(names, "a", "b");

        Advance(10 * FunctionNames.Silence);

        Assert.Equal(["app/a", "app/b"], Of(names, "a", "b"));
    }

    [Fact]
    public void Of_FunctionsComeAndGoForEver_TheNamesEverToldAreBounded()
    {
        const int Most = 5;
        var names = new FunctionNames(Most, _time);
        var told = new HashSet<string>();

        for (var i = 0; i < 1000; i++)
        {
            told.Add(names.Of(Function($"f{i}")));
            Advance(FunctionNames.Silence);
        }

        told.Remove(FunctionNames.Other);
        Assert.Equal(Most * FunctionNames.Generations, told.Count);
    }

    private static string[] Of(FunctionNames names, params string[] functions) => [.. functions.Select(function => names.Of(Function(function)))];

    private void Advance(TimeSpan by) => _time.Advance(by);

    private static FunctionSpec Function(string name) => SlotHarness.Function(name);
}
