using System.Globalization;

namespace Fn.Bench.Dashboard;

/// <summary>A process that looks at a page many times over, so that what looking takes from this machine's processors can be told from what it takes of the gateway.</summary>
internal static class PageViewers
{
    public const string Command = "viewers";

    /// <summary>Prints a line when all look, then one with the changes and bytes seen for each line it reads, until there is none.</summary>
    public static async Task<int> RunAsync(Uri page, int count, CancellationToken cancel)
    {
        using var http = new HttpClient();
        var viewers = new List<PageViewer>();
        try
        {
            for (var i = 0; i < count; i++)
                viewers.Add(await PageViewer.OpenAsync(http, page, cancel));
            Console.WriteLine("open");
            while (await Console.In.ReadLineAsync(cancel) is not null)
            {
                if (viewers.Find(static viewer => viewer.Problem is not null) is { } blind)
                    throw new BenchException($"One of those who look sees nothing any more: {blind.Problem!.Message}");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{viewers.Sum(static viewer => viewer.Updates)} {viewers.Sum(static viewer => viewer.Bytes)}"));
            }
            return 0;
        }
        finally
        {
            foreach (var viewer in viewers)
                await viewer.DisposeAsync();
        }
    }
}
