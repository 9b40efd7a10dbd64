using Xunit;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>
/// Tests on a Docker engine: one engine for all of them, and one test at a time, for starts on an engine slow each other down. Beside other tests, because most
/// of the time they wait for the engine.
/// </summary>
[CollectionDefinition(Name)]
public sealed class DockerRuns : ICollectionFixture<DockerEngineFixture>
{
    public const string Name = "Docker";
}
