using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

/// <summary>Gateway and runner that know each other by the cluster's key, or do not.</summary>
public sealed class ClusterGuardTests : IAsyncLifetime
{
    private static readonly ClusterKey Key = new("the key of the cluster");

    private readonly ScriptedRunner _runner = new("runner-id");
    private LoopbackServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedSeam.ServeAsync(_runner, Key);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("runner-id")]
    [InlineData(null)]
    public async Task OfferAsync_SameKey_IsTaken(string? knownId)
    {
        using var gateway = new HttpRunner(_server.Address, Key, knownId, NullLogger<HttpRunner>.Instance);

        var offering = gateway.OfferAsync(Samples.Offer(), Cancel).AsTask();
        (await _runner.NextCallAsync(Cancel)).Accept();

        Assert.IsType<AcceptedOutcome>(await offering);
        Assert.Equal(1, _runner.Offers);
    }

    [Fact]
    public async Task OfferAsync_StreamedBodyToARunnerNotKnown_IsTaken()
    {
        using var gateway = new HttpRunner(_server.Address, Key, null, NullLogger<HttpRunner>.Instance);
        using var body = new MemoryStream(new byte[100_000]);

        var offering = gateway.OfferAsync(Samples.Offer(CallBody.FromStream(body, null)), Cancel).AsTask();
        (await _runner.NextCallAsync(Cancel)).Accept();

        Assert.IsType<AcceptedOutcome>(await offering);
    }

    [Theory]
    [InlineData("another key than the cluster's", null)]
    [InlineData("another key than the cluster's", "runner-id")]
    [InlineData(null, null)]
    [InlineData(null, "runner-id")]
    public async Task OfferAsync_OtherKey_NothingIsPlaced(string? key, string? knownId)
    {
        using var gateway = new HttpRunner(_server.Address, new ClusterKey(key), knownId, NullLogger<HttpRunner>.Instance);

        var refused = Assert.IsType<RefusedOutcome>(await gateway.OfferAsync(Samples.Offer(), Cancel));

        Assert.Equal((NotPlacedReason.Unreachable, 0), (refused.Reason, _runner.Offers));
    }

    [Fact]
    public async Task OfferAsync_RegistrySaidAnotherIdForTheAddress_NothingIsPlaced()
    {
        using var gateway = new HttpRunner(_server.Address, Key, "somebody-else", NullLogger<HttpRunner>.Instance);

        Assert.IsType<RefusedOutcome>(await gateway.OfferAsync(Samples.Offer(), Cancel));
        Assert.Equal(0, _runner.Offers);
    }

    [Fact]
    public async Task Control_SameKey_IsDone()
    {
        using var gateway = new HttpRunner(_server.Address, Key, null, NullLogger<HttpRunner>.Instance);

        Assert.Equal(7, await gateway.EvictIdleAsync("f x", Cancel));
        Assert.Equal(7, await gateway.EvictIdleAsync(null, Cancel));
        await gateway.DrainAsync(Cancel);

        Assert.Equal(["f x", null], _runner.Evictions);
        Assert.True(_runner.Draining);
    }

    [Fact]
    public async Task Control_OtherKey_Throws()
    {
        using var gateway = new HttpRunner(_server.Address, new ClusterKey("another key than the cluster's"), null, NullLogger<HttpRunner>.Instance);

        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.DrainAsync(Cancel));
        Assert.False(_runner.Draining);
    }

    [Theory]
    [InlineData("GET", "/runner/v1/status")]
    [InlineData("POST", "/runner/v1/drain")]
    [InlineData("POST", "/runner/v1/evict")]
    [InlineData("POST", "/runner/v1/warm/0?count=1&lease=1&wait=0")]
    [InlineData("PUT", "/runner/v1/revisions/0")]
    [InlineData("POST", "/runner/v1/calls/01CALL00000000000000000000")]
    public async Task Request_WithoutProof_401WithTheRunnersId(string method, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Address, path)), Cancel);

        Assert.Equal((401, "runner-id"), ((int)answer.StatusCode, answer.Headers.GetValues("Fn-Runner-Id").Single()));
    }
}
