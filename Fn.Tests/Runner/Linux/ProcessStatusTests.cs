using System.Buffers;
using System.Diagnostics;
using System.Text;
using Fn.Runner.Linux;
using Xunit;

namespace Fn.Tests.Runner.Linux;

public sealed class ProcessStatusTests
{
    [Theory]
    [InlineData("Name:\tcrun\nState:\tS (sleeping)\nPPid:\t7\nNSpid:\t12\nNSpgid:\t11\nNSsid:\t1\n", true, 7, 11, 1)]
    [InlineData("Name:\trunc\nPPid:\t7\nNSpid:\t12\t3\t1\nNSpgid:\t11\t3\t1\n", false, 7, 11, 3)]
    [InlineData("Name:\tcrunch\nPPid:\t0\nGroups:\t1 2 3 \nNSpid:\t12\nNSpgid:\t0\n", false, 0, 0, 1)]
    [InlineData("Name:\tNSpid: 1\nPPid:\t3\nNSpid:\t12\nNSpgid:\t4\n", false, 3, 4, 1)]
    public void Parse_StatusFile_GivesWhatItSays(string text, bool named, int parent, int group, int depth) =>
        Assert.Equal(new ProcessStatus(named, parent, group, depth), ProcessStatus.Parse(Encoding.UTF8.GetBytes(text), "crun"));

    [Theory]
    [InlineData("")]
    [InlineData("Name:\tcrun\nPPid:\t7\n")]
    public void Parse_FileOfAProcessThatIsGone_GivesNothing(string text) => Assert.Null(ProcessStatus.Parse(Encoding.UTF8.GetBytes(text), "crun"));

    [Fact]
    public async Task Of_Child_TellsItsNameAndParent()
    {
        using var child = Process.Start("sleep", "1000");
        try
        {
            var status = ProcessStatus.Of(child.Id, "sleep");

            Assert.Equal((true, Environment.ProcessId), (status?.Named, status?.Parent));
            Assert.Equal(ProcessStatus.Of(Environment.ProcessId, "")?.Depth, status?.Depth);
            Assert.False(ProcessStatus.Of(child.Id, "sleeper")?.Named);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.Null(ProcessStatus.Of(child.Id, "sleep"));
    }

    [Fact]
    public void ReadWhole_MoreThanFits_IsAllThere()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16);
        var length = LinuxFiles.ReadWhole("/proc/self/status", ref buffer, 1 << 20);

        Assert.NotNull(ProcessStatus.Parse(buffer.AsSpan(0, length!.Value), ""));
        Assert.Null(LinuxFiles.ReadWhole("/proc/self/nothing", ref buffer, 1 << 20));
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
