using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Api.Runners;

/// <summary>What only the HTTP implementation of the seam has: connections that fail under it, and its name.</summary>
public sealed class HttpRunnerTests : IAsyncLifetime
{
    // What the first call opens: one connection for itself, and one over which the function's spec is told.
    private const int ForCallAndSpec = 2;

    private readonly ScriptedRunner _behind = new();
    private LoopbackServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedSeam.ServeAsync(_behind);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task OfferAsync_UsedConnectionRefusesTheOffer_CallGoesOutOnANewOne()
    {
        var dialled = new List<BreakableStream>();
        using var runner = Runner(dialled);
        await RunOneAsync(runner);
        dialled.ForEach(static stream => stream.RefuseWrites = true);

        await RunOneAsync(runner);

        Assert.Equal(ForCallAndSpec + 1, dialled.Count);
        Assert.Equal(2, _behind.Executions);
    }

    [Fact]
    public async Task OfferAsync_UsedConnectionRefusesTheHeadOfAStreamedCall_CallGoesOutOnANewOne()
    {
        var dialled = new List<BreakableStream>();
        using var runner = Runner(dialled);
        // The spec goes out over the connection that the head would take.
        await RunOneAsync(runner);
        dialled.ForEach(static stream => stream.RefuseWrites = true);
        using var client = new ClientStream();

        var offering = runner.OfferAsync(Samples.Offer(CallBody.FromStream(client, null)), Cancel).AsTask();
        var call = await _behind.NextCallAsync(Cancel);
        client.Send("body");
        client.End();
        Assert.Equal("body"u8.ToArray(), await call.ReadBodyAsync(Cancel));
        call.Accept();

        Assert.IsType<AcceptedOutcome>(await offering);
        Assert.Equal(ForCallAndSpec + 1, dialled.Count);
    }

    [Fact]
    public async Task OfferAsync_NewConnectionRefusesTheOffer_Unreachable()
    {
        using var runner = new HttpRunner(_server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, async (endpoint, cancel) =>
            new BreakableStream(await RunnerConnection.DialAsync(endpoint, cancel)) { RefuseWrites = true });

        var outcome = await runner.OfferAsync(Samples.Offer(), Cancel);

        Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(outcome).Reason);
        Assert.Equal(0, _behind.Offers);
    }

    [Fact]
    public async Task OfferAsync_DialFails_UnreachableAfterOneAttempt()
    {
        var dials = 0;
        using var runner = new HttpRunner(_server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, (_, _) =>
        {
            dials++;
            throw new IOException("no way");
        });

        var outcome = await runner.OfferAsync(Samples.Offer(), Cancel);

        Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(outcome).Reason);
        Assert.Equal(1, dials);
    }

    [Fact]
    public async Task OfferAsync_NoConnectionInTime_Unreachable()
    {
        using var runner = new HttpRunner(_server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            throw new InvalidOperationException("The dial cannot end otherwise.");
        });

        var outcome = await runner.OfferAsync(Samples.Offer(), Cancel);

        Assert.Equal(NotPlacedReason.Unreachable, Assert.IsType<RefusedOutcome>(outcome).Reason);
    }

    [Fact]
    public async Task OfferAsync_ClientLeavesWhileDialling_ClientLeft()
    {
        var dialling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var runner = new HttpRunner(_server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, async (_, cancel) =>
        {
            dialling.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            throw new InvalidOperationException("The dial cannot end otherwise.");
        });
        using var client = new CancellationTokenSource();
        var offering = runner.OfferAsync(Samples.Offer(), client.Token).AsTask();
        await dialling.Task.WaitAsync(Cancel);

        await client.CancelAsync();

        Assert.Equal(CallError.ClientLeft, (await offering).Failure().Error);
    }

    [Fact]
    public async Task OfferAsync_ManyCalls_KeepOneConnection()
    {
        var dialled = new List<BreakableStream>();
        using var runner = Runner(dialled);

        for (var i = 0; i < 20; i++)
            await RunOneAsync(runner);

        Assert.Equal(ForCallAndSpec, dialled.Count);
    }

    [Fact]
    public async Task Name_AfterTheFirstAnswer_IsTheRunnersId()
    {
        using var runner = Runner([]);
        Assert.Equal(_server.Address.Authority, runner.Name);

        await RunOneAsync(runner);

        Assert.Equal("scripted", runner.Name);
    }

    private HttpRunner Runner(List<BreakableStream> dialled) => new(_server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, async (endpoint, cancel) =>
    {
        var stream = new BreakableStream(await RunnerConnection.DialAsync(endpoint, cancel));
        dialled.Add(stream);
        return stream;
    });

    private async Task RunOneAsync(HttpRunner runner)
    {
        var offering = runner.OfferAsync(Samples.Offer(CallBody.FromBuffer("hi"u8.ToArray())), Cancel).AsTask();
        await (await _behind.NextCallAsync(Cancel)).AnswerAsync("done");
        await using var answer = (await offering).Answer();
        Assert.Equal("done", await answer.ReadTextAsync(Cancel));
    }

    /// <summary>A connection that can be made to refuse every byte, as one does whose other end has reset it.</summary>
    private sealed class BreakableStream(Stream inner) : DuplexStream
    {
        public bool RefuseWrites { get; set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            RefuseWrites ? ValueTask.FromException(new IOException("broken pipe")) : inner.WriteAsync(buffer, cancellationToken);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
