using System.Collections.Concurrent;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>
/// Clients that call without a pause while a test does harm: short calls, longer ones, large bodies. Keeps what became of every call, and how often a
/// function saw it.
/// </summary>
internal sealed class FaultsLoad : IAsyncDisposable
{
    /// <summary>How long a client that was refused waits before it asks again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Platform _platform;
    private readonly IReadOnlyList<string> _functions;
    private readonly DirectoryInfo _executions = Directory.CreateTempSubdirectory("fn-test-");
    private readonly ConcurrentQueue<(int Number, CallOutcome Outcome)> _ended = new();
    private readonly Task[] _clients;
    private volatile bool _stopped;
    private int _begun;
    private int _answered;

    public FaultsLoad(Platform platform, IReadOnlyList<string> functions, int clients)
    {
        (_platform, _functions) = (platform, functions);
        _clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(CallAsync))];
    }

    /// <summary>Completes when so many more calls were answered by functions.</summary>
    public Task AnswerAsync(int more)
    {
        var target = Volatile.Read(ref _answered) + more;
        return Eventually.HoldsAsync(() => Volatile.Read(ref _answered) >= target || _clients.Any(client => client.IsFaulted), $"{more} more calls are answered");
    }

    /// <summary>
    /// Lets the clients end. Returns the calls that were not answered by a function; of all others, and of how often any was executed, it makes sure
    /// itself.
    /// </summary>
    public async Task<IReadOnlyList<CallOutcome>> StopAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
        var failed = new List<CallOutcome>();
        foreach (var (number, outcome) in _ended)
        {
            var executions = Executions(number);
            Assert.True(executions <= 1, $"Call {number} was executed {executions} times: {outcome}");
            if (outcome is { Status: 200, IsWhole: true })
                Assert.Equal((1, BodyOf(number)), (executions, outcome.Body));
            else
                failed.Add(outcome);
        }
        return failed;
    }

    /// <summary>Ended calls that a function had seen and that were not answered by it.</summary>
    public IEnumerable<CallOutcome> SeenAndFailed => _ended.Where(call => Executions(call.Number) > 0 && call.Outcome is not { Status: 200, IsWhole: true }).Select(call => call.Outcome);

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
        _executions.Delete(recursive: true);
    }

    private static string BodyOf(int number) => number % 10 == 0 ? new string((char)('a' + (number / 10 % 26)), 100_000) : $"call {number}";

    private async Task CallAsync()
    {
        // Each client has its own connections, and new ones to a gateway that was started again.
        HttpClient? http = null;
        while (!_stopped)
        {
            var number = Interlocked.Increment(ref _begun);
            if (http?.BaseAddress != _platform.Gateway.Address)
            {
                http?.Dispose();
                http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _platform.Gateway.Address, Timeout = TimeSpan.FromMinutes(5) };
            }
            var behaviour = number % 3 == 0 ? "sleep 30" : "echo";
            var outcome = await CallOutcome.OfAsync(
                http, _functions[number % _functions.Count], $"count-executions {FileOf(number)} {behaviour}", new StringContent(BodyOf(number)));
            _ended.Enqueue((number, outcome));
            if (outcome is { Status: 200, IsWhole: true })
                Interlocked.Increment(ref _answered);
            else
                await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        http?.Dispose();
    }

    private string FileOf(int number) => Path.Combine(_executions.FullName, $"{number}");

    private int Executions(int number) => File.Exists(FileOf(number)) ? File.ReadAllLines(FileOf(number)).Length : 0;
}
