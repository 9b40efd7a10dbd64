namespace Fn.Runner;

internal static class Program
{
    private static void Main()
    {
    }
}
