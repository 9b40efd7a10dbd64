using Xunit;

namespace Fn.Tests.Runner;

/// <summary>Tests that count what the whole process has (descriptors, threads, children) and so run beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
