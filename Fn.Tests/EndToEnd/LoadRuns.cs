using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Tests that load a whole platform: alone, so that they neither starve others nor are starved.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadRuns
{
    public const string Name = "Load";
}
