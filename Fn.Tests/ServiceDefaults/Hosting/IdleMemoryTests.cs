using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Hosting;

public sealed class IdleMemoryTests
{
    [Theory]
    // What has been asked for in each ten seconds, in KiB, and after which of them memory is given back.
    [InlineData(new[] { 100_000, 100_000, 100_000 }, new int[0])]
    [InlineData(new[] { 100_000, 100, 100, 100 }, new[] { 1 })]
    [InlineData(new[] { 100_000, 640, 640 }, new[] { 1 })]
    [InlineData(new[] { 100_000, 641, 641 }, new int[0])]
    [InlineData(new[] { 10_000, 100, 100 }, new int[0])]
    [InlineData(new[] { 100_000, 0, 100_000, 0, 0 }, new[] { 1, 3 })]
    [InlineData(new[] { 100_000, 0, 8_192, 0, 8_192, 0, 0 }, new[] { 1, 5 })]
    public void IsDue_ProcessThatDoesThis_OnceItDoesNothingAndThereIsMuch(int[] asked, int[] due)
    {
        using var memory = new IdleMemory(Options.Create(new IdleMemoryOptions()), TimeProvider.System, NullLogger<IdleMemory>.Instance);
        long allocated = 0;

        Assert.Equal(due, Enumerable.Range(0, asked.Length).Where(i => memory.IsDue(allocated += asked[i] * 1024L)));
    }
}
