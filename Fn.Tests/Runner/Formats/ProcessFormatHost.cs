using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Functions;
using Fn.Tests.Runner.Drivers.Process;

namespace Fn.Tests.Runner.Formats;

/// <summary>Functions as processes.</summary>
public sealed class ProcessFormatHost : FormatHost, IDisposable
{
    private readonly ProcessDriverFixture _driver = new("/bin", FaultyFunction.Root);

    public override int ManyCalls => 10_000;

    internal override IContainerDriver Driver => _driver.Driver;

    public void Dispose() => _driver.Dispose();

    internal override ValueTask<FunctionSpec> FaultyAsync(string format, IReadOnlyDictionary<string, string> config, int memoryMiB) =>
        new(TestSpecs.Function(FaultyFunction.Image, format, config.Concat(FaultyFunction.Config).ToDictionary(), memoryMiB));

    internal override ValueTask<FunctionSpec> ShellAsync(string format, string script, IReadOnlyDictionary<string, string>? config = null) =>
        new(TestSpecs.Function($"process:sh -c \"{script}\"", format, config));

    internal override ValueTask<FunctionSpec> EnvAsync(string format, IReadOnlyDictionary<string, string> config) =>
        new(TestSpecs.Function("process:env", format, config));

    internal override string Inside(string socketDirectory) => socketDirectory;
}
