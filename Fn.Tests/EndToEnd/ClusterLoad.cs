using System.Collections.Concurrent;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Clients that call one function without a pause, each at the gateways in turn. One that cannot connect to a gateway goes on to the next.</summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    private readonly Cluster _cluster;
    private readonly IReadOnlyList<string> _functions;
    private readonly Task[] _clients;
    private readonly ConcurrentQueue<CallOutcome> _failed = new();
    private volatile bool _stopped;
    private int _answered;
    private int _begun;

    public ClusterLoad(Cluster cluster, IReadOnlyList<string> functions, int clients)
    {
        (_cluster, _functions) = (cluster, functions);
        _clients = [.. Enumerable.Range(0, clients).Select(client => Task.Run(() => RunAsync(client)))];
    }

    /// <summary>Calls that were answered by the function.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Completes when so many more calls were answered by the function.</summary>
    public Task AnswerAsync(int more)
    {
        var target = Answered + more;
        return Eventually.HoldsAsync(() => Answered >= target || _clients.Any(client => client.IsFaulted), $"{more} more calls are answered");
    }

    /// <summary>Lets the clients end and returns the calls that were not answered by the function.</summary>
    public async Task<List<CallOutcome>> StopAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
        return [.. _failed];
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
    }

    private async Task RunAsync(int number)
    {
        for (var call = number; !_stopped; call++)
        {
            var function = _functions[Interlocked.Increment(ref _begun) % _functions.Count];
            CallOutcome outcome;
            try
            {
                using var body = new StringContent("hello");
                outcome = await CallOutcome.OfAsync(_cluster.Clients[call % _cluster.Clients.Count], function, "echo", body);
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                // The test has just put a new client in its place.
                continue;
            }
            if (outcome is { Status: 200, IsWhole: true, Body: "hello" })
                Interlocked.Increment(ref _answered);
            else
                _failed.Enqueue(outcome);
        }
    }
}
