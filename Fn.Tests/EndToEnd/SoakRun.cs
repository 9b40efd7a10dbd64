using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Clients that make the calls of a soak, check what becomes of each, leave some, and kill functions now and then.</summary>
internal sealed class SoakRun(Platform platform, SoakMix mix, SoakKiller killer, int calls, int seed, DirectoryInfo executions)
{
    private const int PercentLeft = 5;
    private const int PercentKills = 1;
    private const int LongestStay = 60;

    private int _begun;
    private int _ended;
    private int _left;

    /// <summary>What went otherwise than defined.</summary>
    public ConcurrentQueue<(string? CallId, string Text)> Problems { get; } = new();

    /// <summary>Outcomes by kind.</summary>
    public ConcurrentDictionary<string, int> Outcomes { get; } = new();

    public int Ended => Volatile.Read(ref _ended);

    public int Left => Volatile.Read(ref _left);

    /// <summary>To be called when nothing runs any more: what became of the calls that were left.</summary>
    public async Task CheckLeftAsync()
    {
        foreach (var file in executions.GetFiles($"{seed}-*"))
        {
            if (await SeenAsync(file.FullName) is { Length: > 1 } seen)
                Problems.Enqueue((seen[0], $"executed {seen.Length} times: call {file.Name}, which its client left"));
        }
    }

    public Task RunAsync(int clients) => Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => CallAsync(new Random(HashCode(seed, client))))));

    // HashCode.Combine differs from process to process; a seed has to draw the same calls again.
    private static int HashCode(int seed, int client) => unchecked((seed * 397) + client);

    private async Task CallAsync(Random random)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = platform.Gateway.Address, Timeout = TimeSpan.FromMinutes(5) };
        for (int number; (number = Interlocked.Increment(ref _begun)) <= calls && Problems.Count < 20;)
        {
            if (random.Next(100) < PercentKills)
                await killer.KillOneAsync(random);
            await CallAsync(http, number, mix.Draw(random), random.Next(100) < PercentLeft ? random.Next(LongestStay) : null);
            Interlocked.Increment(ref _ended);
        }
    }

    private async Task CallAsync(HttpClient http, int number, SoakCase @case, int? stay)
    {
        var file = Path.Combine(executions.FullName, $"{seed}-{number}");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        if (stay is { } milliseconds)
            leave.CancelAfter(milliseconds);
        var before = killer.Before();
        CallOutcome? outcome = null;
        try
        {
            outcome = await CallOutcome.OfAsync(http, @case.Function.Id, @case.Told(file), Content(@case), cancel: leave.Token);
        }
        catch (OperationCanceledException) when (stay is not null)
        {
            Interlocked.Increment(ref _left);
        }
        // A call that was left may be seen by its function later: its file is looked at in the end.
        if (outcome is null)
            return;
        Check(number, @case, outcome, killer.MayHaveHit(before), await SeenAsync(file));
        File.Delete(file);
    }

    private void Check(int number, SoakCase @case, CallOutcome outcome, bool mayHaveBeenHit, string[] seen)
    {
        var what = $"call {number}, '{@case.Behaviour}' with {@case.Body.Length} bytes{(@case.Chunked ? " in chunks" : "")}: {outcome}";
        if (seen.Length > 1)
            Problems.Enqueue((seen[0], $"executed {seen.Length} times: {what}"));
        Outcomes.AddOrUpdate(Kind(outcome), 1, static (_, count) => count + 1);
        if (!@case.IsDefined(outcome) && !(mayHaveBeenHit && SoakCase.MayBeOfAKilledFunction(outcome)))
            Problems.Enqueue((outcome.CallId, $"not defined: {what}"));
        else if (outcome.CallId is null)
            Problems.Enqueue((null, $"without an id: {what}"));
        else if (outcome.Status == 200 && outcome.IsWhole && (seen.Length != 1 || seen[0] != outcome.CallId))
            Problems.Enqueue((outcome.CallId, $"answered, but executed as [{string.Join(", ", seen)}]: {what}"));
    }

    private static async Task<string[]> SeenAsync(string file) => File.Exists(file) ? await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken) : [];

    private static string Kind(CallOutcome outcome) => outcome switch
    {
        { IsWhole: false } => $"{outcome.Status} broken off",
        { Message: { } message } => $"{outcome.Status} {message}",
        { Status: >= 400 } => "a status of the function's own",
        _ => $"{outcome.Status}",
    };

    private static HttpContent Content(SoakCase @case)
    {
        var bytes = Encoding.ASCII.GetBytes(@case.Body);
        return @case.Chunked ? new ChunkedContent(bytes) : new ByteArrayContent(bytes);
    }

    /// <summary>A body whose length the client does not say.</summary>
    private sealed class ChunkedContent(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
