using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Tests that load a platform and kill parts of it: alone, so that they neither starve others nor are starved.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultRuns
{
    public const string Name = "Faults";
}
