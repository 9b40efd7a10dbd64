using System.Globalization;
using Fn.Runner.Drivers.Oci.Runtime;
using Fn.Runner.Drivers.Process;
using Fn.Tests.Runner.Drivers.Oci;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Process;

/// <summary>Beside no others: signals of all children of this process come here.</summary>
[Collection(OciRuns.Name)]
public sealed class ChildWatchTests
{
    [Fact]
    public async Task Signal_OfOneChild_DoesNotAskAllOthers()
    {
        const int Others = 400;
        const int Signals = 40;
        using var children = new ChildWatch();
        var others = Enumerable.Range(0, Others).Select(_ => new Other()).ToList();
        // Numbers that no process has.
        for (var i = 0; i < Others; i++)
            children.Add(others[i], 1_000_000_000 + i);

        for (var i = 0; i < Signals; i++)
            Assert.Equal(0, (await Command.RunAsync(["true"], children)).Code);

        // Once each when they were added; after that now and then, and whenever the kernel names a child of someone else.
        Assert.InRange(others.Sum(other => other.Asked), Others, Others * Signals / 2);
    }

    [Fact]
    public async Task Signals_AsManyAsThereAreChildren_AllAreAskedAtLast()
    {
        using var children = new ChildWatch();
        var other = new Other();
        children.Add(other, 1_000_000_000);

        for (var i = 0; i < 3; i++)
            Assert.Equal(0, (await Command.RunAsync(["true"], children)).Code);

        Assert.True(other.Asked > 1);
    }

    [Fact]
    public async Task Signal_OfAnOrphanThatCameHereMeanwhile_CollectsIt()
    {
        using var children = new ChildWatch();
        Adoption.Begin();
        var (code, orphan) = await Command.RunAsync(["setsid", "--wait", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"], children);
        Adoption.End();
        Assert.Equal(0, code);
        var pid = int.Parse(orphan, CultureInfo.InvariantCulture);
        var status = await File.ReadAllTextAsync($"/proc/{pid}/status", TestContext.Current.CancellationToken);
        Assert.Equal(0, Native.Kill(pid, Native.SigKill));
        Assert.Contains($"PPid:\t{Environment.ProcessId}\n", status, StringComparison.Ordinal);

        // The end of each child is a signal; one of them comes after that of the orphan.
        for (var i = 0; i < 100 && File.Exists($"/proc/{pid}/stat"); i++)
            Assert.Equal(0, (await Command.RunAsync(["true"], children)).Code);
        Assert.False(File.Exists($"/proc/{pid}/stat"));
    }

    private sealed class Other : IWatchedChild
    {
        private int _asked;

        public int Asked => _asked;

        public bool CheckEnded()
        {
            Interlocked.Increment(ref _asked);
            return false;
        }
    }
}
