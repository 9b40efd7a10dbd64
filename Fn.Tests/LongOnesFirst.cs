using Fn.Tests.EndToEnd;
using Fn.Tests.Runner.Drivers.Docker;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Fn.Tests.LongOnesFirst))]

namespace Fn.Tests;

/// <summary>Begins with the collections that take minutes, whose tests run one after the other: those that begin last would be waited for in the end.</summary>
public sealed class LongOnesFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [DockerRuns.Name, DashboardRuns.Name, typeof(ClusterTests).FullName!];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(PlaceOf)];

    private static int PlaceOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        // A collection without a definition is named after its class.
        var of = collection.TestCollectionDisplayName;
        var place = Array.FindIndex(Long, name => of == name || of.StartsWith($"Test collection for {name} ", StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }
}
