using System.Net;

namespace Fn.AppHost.Offline;

/// <summary>Awaits that a resource can be used: that Redis answers, that a service says it is healthy.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout };

    /// <param name="resource">What is awaited.</param>
    /// <param name="process">Its process.</param>
    /// <param name="report">Told from time to time what it is that takes so long.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="AppHostException">The process has ended.</exception>
    public static async Task WaitAsync(StartedResource resource, ResourceProcess process, Action<string> report, CancellationToken cancel)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var problem = await ProblemAsync(resource, cancel);
            // Something else may answer in its place.
            if (process.Exited.IsCompleted)
                throw new AppHostException($"{resource.Name} ended with exit code {process.ExitCode} before it was up. Its last lines:\n{await process.LastLinesAsync()}");
            if (problem is null)
                return;
            if (TimeProvider.System.GetElapsedTime(since) > Patience)
            {
                report($"not up yet: {problem}");
                since = TimeProvider.System.GetTimestamp();
            }
            await Task.WhenAny(process.Exited, Task.Delay(Interval, TimeProvider.System, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static async Task<string?> ProblemAsync(StartedResource resource, CancellationToken cancel)
    {
        switch (resource)
        {
            case RedisResource redis:
                return await RedisServer.AnswersAsync(redis, cancel) ? null : "it does not answer";
            case ProjectResource { HealthPath: { } path } project:
                return await ProblemAsync(new Uri(project.Address, path), cancel);
            default:
                return null;
        }
    }

    private static async Task<string?> ProblemAsync(Uri health, CancellationToken cancel)
    {
        try
        {
            using var answer = await Http.GetAsync(health, cancel);
            return answer.StatusCode == HttpStatusCode.OK ? null : $"{health} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}";
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return $"{health} does not answer: {e.Message}";
        }
    }
}
