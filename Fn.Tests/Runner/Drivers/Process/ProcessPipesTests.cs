using System.Diagnostics;
using System.Text;
using Fn.Runner.Drivers.Process;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Tests.Runner.Drivers.Process;

public sealed class ProcessPipesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_PipesOfAProcess_AreThereWithoutWhatTheFrameworkPutBeforeThem()
    {
        var info = new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = ChildProcess.Start(info)!;
        var pipes = ProcessPipes.Take(process);

        // The framework's own words for what it does not have.
        Assert.Throws<InvalidOperationException>(() => process.StandardInput);
        Assert.Throws<InvalidOperationException>(() => process.StandardOutput);
        Assert.Throws<InvalidOperationException>(() => process.StandardError);

        await pipes.Input.WriteAsync("still there"u8.ToArray(), Cancel);
        await pipes.Input.DisposeAsync();
        using var output = new StreamReader(pipes.Output, Encoding.UTF8);
        Assert.Equal("still there", await output.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        await pipes.Error.DisposeAsync();
    }
}
