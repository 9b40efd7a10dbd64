using System.Diagnostics;

namespace Fn.Tests.EndToEnd;

/// <summary>Clients that call one function again and again without a pause, each as soon as its last call is answered.</summary>
internal sealed class LoadClients
{
    private readonly Lock _lock = new();
    private readonly Task[] _clients;
    private readonly List<CallResult> _failed = [];
    private readonly List<(long Count, TaskCompletionSource Reached)> _awaited = [];
    private volatile bool _stopped;
    private long _answered;

    public LoadClients(Platform platform, string id, int clients, string behaviour) =>
        _clients = [.. Enumerable.Range(0, clients).Select(_ => CallAsync(platform, id, behaviour))];

    /// <summary>Answers that were not 200, so far.</summary>
    public IReadOnlyList<CallResult> Failed
    {
        get
        {
            lock (_lock)
                return [.. _failed];
        }
    }

    /// <summary>Completes when so many more calls are answered. Returns their rate, for whoever reads the test's output.</summary>
    public async Task<double> AnswerAsync(int more)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _awaited.Add((_answered + more, reached));
        var since = Stopwatch.GetTimestamp();
        // A client that throws would be awaited for ever.
        await await Task.WhenAny(reached.Task, Task.WhenAll(_clients));
        return more / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    public Task StopAsync()
    {
        _stopped = true;
        return Task.WhenAll(_clients);
    }

    private async Task CallAsync(Platform platform, string id, string behaviour)
    {
        while (!_stopped)
            Note(await platform.CallAsync(id, behaviour));
    }

    private void Note(CallResult answer)
    {
        lock (_lock)
        {
            _answered++;
            if (answer.Status != 200)
                _failed.Add(answer);
            foreach (var (_, reached) in _awaited.FindAll(awaited => awaited.Count <= _answered))
                reached.TrySetResult();
            _awaited.RemoveAll(awaited => awaited.Count <= _answered);
        }
    }
}
