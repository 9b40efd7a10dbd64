using System.Globalization;

namespace Fn.Bench.Run;

/// <summary>Where and when it was measured.</summary>
internal sealed record Machine(DateTimeOffset Time, int Cores, string Processor, string Kernel)
{
    public string Day => Time.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    public static Machine This()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal));
        return new Machine(
            TimeProvider.System.GetLocalNow(), Environment.ProcessorCount, model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "unknown processor", Environment.OSVersion.VersionString);
    }
}
