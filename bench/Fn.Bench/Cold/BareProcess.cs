using System.Diagnostics;
using Fn.Runner;
using Fn.Runner.Drivers.Process;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fn.Bench.Cold;

/// <summary>The function as a process without a container: as somebody starts it, streams on pipes, and as the driver of processes does.</summary>
internal static class BareProcess
{
    private const string Shell = "/bin/busybox";

    public static string Image { get; } = $"{ProcessImage.Prefix}{Shell} sh -c \"{FirstAnswer.Script}\"";

    public static ProcessDriver Driver() => new(
        new ProcessFiles(Options.Create(new RunnerOptions { ProcessRoots = ["/bin"] }), new FakeHostEnvironment()),
        new ProcessSweeper(NullLogger<ProcessSweeper>.Instance), TimeProvider.System, NullLogger<ProcessDriver>.Instance);

    /// <summary>Milliseconds from the start of the process to its first answer.</summary>
    public static async Task<double> RunAsync(CancellationToken cancel)
    {
        var info = new ProcessStartInfo(Shell, ["sh", "-c", FirstAnswer.Script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(info)!;
        try
        {
            await FirstAnswer.ReadAsync(process.StandardInput.BaseStream, process.StandardOutput.BaseStream, cancel);
            return FirstAnswer.Millis(begun);
        }
        finally
        {
            // It ends when its input does, whoever wants it no more.
            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
