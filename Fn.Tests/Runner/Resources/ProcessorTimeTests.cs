using Fn.Runner.Resources;
using Xunit;

namespace Fn.Tests.Runner.Resources;

/// <summary>What the kernel says of idle processors, and what is made of a kernel that says something else.</summary>
public sealed class ProcessorTimeTests
{
    [Theory]
    [InlineData("4583.19 9025.75\n", 2, 4512875.0)]
    [InlineData("4583.19 9025.75\n", 4, 2256437.5)]
    [InlineData("0.00 0.00", 1, 0.0)]
    [InlineData("4583.19 315360000.01\n", 1, 315360000010.0)]
    [InlineData("4583.19 99999999999999999999999999.99\n", 1, null)]
    [InlineData("4583.19 9025.75 1\n", 1, null)]
    [InlineData("4583.19 -9025.75\n", 1, null)]
    [InlineData("4583.19 x\n", 1, null)]
    [InlineData("4583.19\n", 1, null)]
    [InlineData("", 1, null)]
    [InlineData(null, 1, null)]
    public void Idle_WhatTheKernelSays_IsOfEachProcessor(string? uptime, int processors, double? milliseconds) =>
        Assert.Equal(milliseconds, ProcessorTime.Idle(processors, path => path == "/proc/uptime" ? uptime : null)?.TotalMilliseconds);

    [Fact]
    public void Idle_ThisMachine_IsKnown()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("needs /proc/uptime");

        Assert.True(ProcessorTime.Idle() > TimeSpan.Zero);
    }
}
