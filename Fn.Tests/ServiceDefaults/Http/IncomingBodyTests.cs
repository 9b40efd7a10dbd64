using System.Text;
using Fn.ServiceDefaults.Http;
using Fn.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Http;

public sealed class IncomingBodyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EndAsync_WhileAReadIsUnderWayOrAfterOneWasCancelled_LeavesTheConnectionToTheNextRequest(bool cancelled)
    {
        await using var server = await LoopbackServer.StartAsync(
            _ => { },
            app => app.MapPost("/", async context =>
            {
                var body = new IncomingBody(context.Request, context.Request.ContentLength);
                var buffer = new byte[16];
                Assert.Equal(3, await body.ReadAsync(buffer, Cancel));
                if (cancelled)
                    await CancelReadAsync(body, buffer);
                var pending = cancelled ? null : body.ReadAsync(buffer, Cancel).AsTask();
                await body.EndAsync();
                if (pending is not null)
                    await Assert.ThrowsAsync<IOException>(async () => _ = await pending);
                await context.Response.WriteAsync("ended", Cancel);
            }));
        using var client = await RawConnection.ConnectAsync(server.EndPoint, Cancel);

        for (var round = 0; round < 2; round++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\none", Cancel);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("ended", Cancel), StringComparison.Ordinal);
            await client.SendAsync("two", Cancel);
            await client.ReadUntilAsync("0\r\n\r\n", Cancel);
        }
    }

    [Fact]
    public async Task ReadAsync_AfterOneThatWasCancelled_GoesOnWhereItWas()
    {
        await using var server = await LoopbackServer.StartAsync(
            _ => { },
            app => app.MapPost("/", async context =>
            {
                var body = new IncomingBody(context.Request, context.Request.ContentLength);
                var buffer = new byte[16];
                Assert.Equal(3, await body.ReadAsync(buffer, Cancel));
                await CancelReadAsync(body, buffer);
                await context.Response.WriteAsync("cancelled", Cancel);
                await context.Response.WriteAsync(Encoding.ASCII.GetString(buffer, 0, await body.ReadAsync(buffer, Cancel)), Cancel);
            }));
        using var client = await RawConnection.ConnectAsync(server.EndPoint, Cancel);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\none", Cancel);
        await client.ReadUntilAsync("cancelled", Cancel);
        await client.SendAsync("two", Cancel);

        Assert.Contains("two", await client.ReadUntilAsync("0\r\n\r\n", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_BufferSmallerThanWhatCame_LosesNothing()
    {
        await using var server = await LoopbackServer.StartAsync(
            _ => { },
            app => app.MapPost("/", async context =>
            {
                using var whole = new MemoryStream();
                await new IncomingBody(context.Request, context.Request.ContentLength).CopyToAsync(whole, 7, Cancel);
                context.Response.ContentLength = whole.Length;
                await context.Response.Body.WriteAsync(whole.ToArray(), Cancel);
            }));
        using var client = await RawConnection.ConnectAsync(server.EndPoint, Cancel);
        var sent = new string('a', 5000) + "end";

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {sent.Length}\r\n\r\n{sent}", Cancel);
        await client.ReadHeadAsync(Cancel);

        Assert.Equal(sent, await client.ReadLatin1Async(sent.Length, Cancel));
    }

    /// <summary>A read that waits for the client, and is given up.</summary>
    private static async Task CancelReadAsync(IncomingBody body, byte[] buffer)
    {
        using var cancelling = new CancellationTokenSource();
        var pending = body.ReadAsync(buffer, cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => _ = await pending);
    }
}
