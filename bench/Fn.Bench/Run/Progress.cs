using System.Diagnostics;

namespace Fn.Bench.Run;

internal static class Progress
{
    private static readonly long Begun = Stopwatch.GetTimestamp();

    /// <summary>What is being done, and since when: for who waits, no part of what is printed.</summary>
    public static void Say(string what) => Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(Begun):m\\:ss} {what}");
}
