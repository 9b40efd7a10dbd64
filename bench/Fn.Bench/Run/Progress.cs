namespace Fn.Bench.Run;

internal static class Progress
{
    /// <summary>What is being done, for who waits: not part of what is printed.</summary>
    public static void Say(string what) => Console.Error.WriteLine(what);
}
