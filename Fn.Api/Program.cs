namespace Fn.Api;

internal static class Program
{
    private static void Main()
    {
    }
}
