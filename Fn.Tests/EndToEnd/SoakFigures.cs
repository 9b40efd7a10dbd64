using System.Globalization;

namespace Fn.Tests.EndToEnd;

/// <summary>What a process holds at a moment.</summary>
internal readonly record struct SoakFigures(int Descriptors, int Threads, long ResidentKiB)
{
    public static SoakFigures Of(ServiceProcess process)
    {
        var status = File.ReadAllLines($"/proc/{process.Id}/status");
        return new SoakFigures(Directory.GetFiles($"/proc/{process.Id}/fd").Length, (int)Number("Threads:"), Number("VmRSS:"));

        long Number(string name) =>
            long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    public override string ToString() => $"{Descriptors} descriptors, {Threads} threads, {ResidentKiB / 1024} MiB";
}
