using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A call that holds a container for as long as a test likes: it takes longer than any test, and its client leaves.</summary>
/// <remarks>The function's <c>timeout</c> should be 300; with <see cref="NoGrace"/> its container goes at once with the client.</remarks>
internal sealed class LoadHolder : IAsyncDisposable
{
    public const string NoGrace = "--Fn:Calls:AbandonedGrace=0s";

    private const string Behaviour = "sleep 250000";

    private readonly CancellationTokenSource _leave = new();
    private readonly Task<CallResult> _call;

    private LoadHolder(Platform platform, string id) => _call = platform.CallUnlessAsync(id, Behaviour, body: "", _leave.Token);

    /// <summary>Whether the call still runs.</summary>
    public bool Holds => !_call.IsCompleted;

    /// <summary>Makes such a call on a platform that has nothing else to do, and waits until it runs.</summary>
    public static async Task<LoadHolder> HoldAsync(Platform platform, string id)
    {
        var holder = new LoadHolder(platform, id);
        await Eventually.HoldsAsync(
            async () =>
            {
                var running = 0;
                for (var runner = 0; runner < platform.Runners.Count; runner++)
                    running += (await platform.StatusAsync(runner)).Running;
                return running == 1;
            },
            "the call that holds a container runs");
        return holder;
    }

    /// <summary>The client leaves.</summary>
    public async Task LetGoAsync()
    {
        await _leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _call);
    }

    public async ValueTask DisposeAsync()
    {
        if (Holds)
            await LetGoAsync();
        _leave.Dispose();
    }
}
