using Fn.ServiceDefaults.Cluster;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Xunit;

namespace Fn.Tests.Runner.Calls.Http;

/// <summary>Whose a connection is.</summary>
public sealed class RunnerListenerTests : IAsyncLifetime
{
    private const string Start = "POST /runner/v1/calls/01CALL00000000000000000000 HTTP/1.1\r\nFn-Offer-Whole: 1\r\n";
    private const string Rest = "Host: r\r\nFn-Offer-Revision: x\r\nFn-Offer-Method: GET\r\nFn-Offer-Url: x\r\nFn-Offer-Wait: now\r\nContent-Length: 0\r\n\r\n";

    // Only Kestrel says what time it is.
    private const string Kestrels = "\r\nDate: ";

    private LoopbackServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedSeam.ServeAsync(new ScriptedRunner());

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_OffersAnnounced_IsServedPastKestrel(bool local)
    {
        using var client = await ConnectAsync(local);
        foreach (var announced in new[] { Start, Start.Replace("Fn-Offer-Whole: 1\r\n", "", StringComparison.Ordinal) })
        {
            await client.SendAsync(announced + Rest, Cancel);

            var answer = await client.ReadHeadAsync(Cancel);
            Assert.Contains("Fn-Not-Placed: unknown-revision\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(Kestrels, answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_AnythingElse_IsServedByKestrel(bool local)
    {
        using var client = await ConnectAsync(local);
        await client.SendAsync("GET /runner/v1/status HTTP/1.1\r\nHost: r\r\n\r\n", Cancel);

        var answer = await client.ReadHeadAsync(Cancel);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains(Kestrels, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_AnnouncementComesInParts_IsServed(bool local)
    {
        using var client = await ConnectAsync(local);
        await client.SendAsync(Start[..40], Cancel);
        // By then the part was heard, where one thread hears of both; elsewhere it may be.
        using (var other = await ConnectAsync(local))
        {
            await other.SendAsync(Start + Rest, Cancel);
            await other.ReadHeadAsync(Cancel);
        }
        await client.SendAsync(Start[40..] + Rest, Cancel);

        var answer = await client.ReadHeadAsync(Cancel);

        Assert.Contains("Fn-Not-Placed: unknown-revision\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_LeavesWithoutAWord_OthersAreServed(bool local)
    {
        for (var i = 0; i < 20; i++)
        {
            var silent = await ConnectAsync(local);
            if (local || i % 2 == 0)
                silent.Close();
            else
                silent.Reset();
        }

        using var client = await ConnectAsync(local);
        await client.SendAsync(Start + Rest, Cancel);
        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_ConnectionsThatAreIdleOrSilent_End(bool local)
    {
        using var silent = await ConnectAsync(local);
        using var idle = await ConnectAsync(local);
        await idle.SendAsync(Start + Rest, Cancel);
        await idle.ReadHeadAsync(Cancel);

        await _server.StopAsync();

        Assert.Equal("", await silent.ReadToEndAsync(Cancel));
        Assert.Equal("", await idle.ReadToEndAsync(Cancel));
    }

    private Task<RawConnection> ConnectAsync(bool local) =>
        RawConnection.ConnectAsync(local ? RunnerSocket.For(_server.EndPoint) : _server.EndPoint, Cancel);
}
