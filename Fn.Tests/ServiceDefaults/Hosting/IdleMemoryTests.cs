using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Hosting;

public sealed class IdleMemoryTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    // What has been asked for in each ten seconds, in MiB, and after which of them memory is given back.
    [InlineData(new[] { 100, 100, 100 }, new int[0])]
    [InlineData(new[] { 100, 1, 1, 1 }, new[] { 1 })]
    [InlineData(new[] { 100, 5, 5 }, new[] { 1 })]
    [InlineData(new[] { 100, 6, 6 }, new int[0])]
    [InlineData(new[] { 10, 1, 1 }, new int[0])]
    [InlineData(new[] { 100, 0, 100, 0, 0 }, new[] { 1, 3 })]
    [InlineData(new[] { 100, 0, 5, 5, 5, 5, 0 }, new[] { 1, 5 })]
    public void IsDue_ProcessThatDoesThis_OnceItDoesNothingAndThereIsMuch(int[] asked, int[] due)
    {
        using var memory = new IdleMemory(Options.Create(new IdleMemoryOptions()), TimeProvider.System, NullLogger<IdleMemory>.Instance);
        long allocated = 0;

        Assert.Equal(due, Enumerable.Range(0, asked.Length).Where(i => memory.IsDue(allocated += asked[i] * MiB)));
    }
}
