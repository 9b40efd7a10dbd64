using Fn.Runner;
using Fn.Runner.Drivers.Process;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Fn.Tests.Runner.Drivers.Process;

/// <summary>A process driver and what it logged.</summary>
internal sealed class ProcessDriverFixture : IDisposable
{
    public ProcessDriverFixture(params string[] roots)
    {
        var files = new ProcessFiles(Options.Create(new RunnerOptions { ProcessRoots = roots }), new FakeHostEnvironment());
        Driver = new ProcessDriver(files, new ProcessSweeper(SweeperLog), TimeProvider.System, Log);
    }

    public ProcessDriver Driver { get; }

    public FakeLogger<ProcessDriver> Log { get; } = new();

    public FakeLogger<ProcessSweeper> SweeperLog { get; } = new();

    public void Dispose() => Driver.Dispose();
}
