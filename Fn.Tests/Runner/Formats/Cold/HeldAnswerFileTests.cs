using System.IO.Pipelines;
using Fn.Runner.Formats.Cold;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.EndToEnd;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Formats.Cold;

/// <summary>The file of an answer that is held back. Alone, for it looks at the files of the whole process.</summary>
[Collection(Alone.Name)]
public sealed class HeldAnswerFileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_CallEndsWhileMuchIsHeldBack_ClosesTheFile()
    {
        var function = TestSpecs.Function("process:sh -c \"head -c 3000000 /dev/zero; sleep 1000\"", FunctionFormat.Default);
        var call = TestSpecs.Call(function, CallBody.FromStream(new Pipe().Reader.AsStream(), null));
        using var host = new ProcessFormatHost();
        await using var run = await TestFunction.StartAsync(host, new DefaultFormat(TestFunction.Limits(), TimeProvider.System), function, call);
        using var cancel = new CancellationTokenSource();
        var sending = run.SendAsync(call, cancel.Token).AsTask();
        await Eventually.HoldsAsync(() => HeldFiles() == 1, "the answer is held in a file");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(0, HeldFiles());
    }

    private static int HeldFiles() =>
        new DirectoryInfo("/proc/self/fd").EnumerateFiles().Count(file => file.LinkTarget?.Contains("fn-held-", StringComparison.Ordinal) == true);
}
