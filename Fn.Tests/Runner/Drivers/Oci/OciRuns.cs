using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>
/// Tests that start containers, one at a time and beside no others: while a runtime starts something, whatever lost its parent in this process becomes a child
/// of it, and other tests count their children.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OciRuns : ICollectionFixture<OciFixture>
{
    public const string Name = "Oci";
}
