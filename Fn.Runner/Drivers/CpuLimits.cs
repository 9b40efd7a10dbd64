namespace Fn.Runner.Drivers;

/// <summary>How a container's part of the processors is told to the kernel.</summary>
internal static class CpuLimits
{
    /// <summary>Microseconds in which a container may use its quota.</summary>
    public const long Period = 100_000;

    /// <summary>Bytes of memory that come with one share: a function of 128 MiB has 1024, what a group has that was told nothing.</summary>
    private const long BytesOfAShare = 128 * 1024;

    private const long Least = 2;
    private const long Most = 262_144;

    /// <summary>What a container gets of processors that are all busy, beside others: in proportion to its memory.</summary>
    public static long SharesOf(long memoryBytes) => Math.Clamp(memoryBytes / BytesOfAShare, Least, Most);

    /// <summary>Microseconds of processor time in each period.</summary>
    public static long QuotaOf(double cpus) => (long)(cpus * Period);

    /// <summary>The same in a thousand-millionth of a processor.</summary>
    public static long NanosOf(double cpus) => (long)(cpus * 1_000_000_000);
}
