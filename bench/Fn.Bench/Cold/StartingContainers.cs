using System.Globalization;

namespace Fn.Bench.Cold;

/// <summary>Asks a platform ten times a second how many of its containers are starting.</summary>
internal sealed class StartingContainers : IAsyncDisposable
{
    private const string Metric = "fn_container_count";
    private const string Starting = "fn_container_state=\"starting\"";
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="http">Asks the platform.</param>
    public StartingContainers(HttpClient http) => _watching = WatchAsync(http);

    /// <summary>The most that were seen starting at once.</summary>
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
            var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), _stop.Token);
            Most = Math.Max(Most, (int)metrics.Split('\n')
                .Where(static line => line.StartsWith(Metric, StringComparison.Ordinal) && line.Contains(Starting, StringComparison.Ordinal))
                .Sum(static line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture)));
        }
    }
}
