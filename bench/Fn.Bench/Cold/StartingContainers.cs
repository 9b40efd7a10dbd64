using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Fn.Bench.Cold;

/// <summary>Asks a platform ten times a second how many starts are under way or wait for their turn.</summary>
internal sealed class StartingContainers : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="http">Asks the platform.</param>
    public StartingContainers(HttpClient http) => _watching = WatchAsync(http);

    /// <summary>The most that were seen at once.</summary>
    public int Most { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync(HttpClient http)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (await tick.WaitForNextTickAsync(_stop.Token))
        {
            var runners = await http.GetFromJsonAsync<JsonObject>(new Uri("/v2/runners", UriKind.Relative), _stop.Token);
            Most = Math.Max(Most, runners!["items"]!.AsArray().Sum(static runner => (int?)runner!["starting"] ?? 0));
        }
    }
}
