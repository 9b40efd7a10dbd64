using System.Net;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Bodies on their whole way between client and function: neither kept nor held up by the processes they pass.</summary>
public sealed class StreamingTests(StreamingPlatform shared) : IClassFixture<StreamingPlatform>
{
    private const int Size = 100 << 20;

    /// <summary>Far less than a body. What passes is read in pieces, but the runtime collects its memory when it sees fit.</summary>
    private const long MostGrowth = 50 << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FunctionFormat.HttpStream, true)]
    [InlineData(FunctionFormat.HttpStream, false)]
    [InlineData(FunctionFormat.Http, true)]
    [InlineData(FunctionFormat.Http, false)]
    public async Task Call_LargeRequest_ReachesTheFunctionAndIsNotKept(string format, bool knownLength)
    {
        var before = shared.Peaks();
        using var body = new StreamContent(new PatternStream(Size));
        body.Headers.ContentLength = knownLength ? Size : null;

        Assert.Equal(await ExpectedAsync(), await shared.ChecksumAsync(format, body));

        AssertNotKept(before);
    }

    [Theory]
    [InlineData(FunctionFormat.HttpStream, "")]
    [InlineData(FunctionFormat.HttpStream, " chunked")]
    [InlineData(FunctionFormat.Http, "")]
    [InlineData(FunctionFormat.Http, " chunked")]
    public async Task Call_LargeAnswer_ReachesTheClientAndIsNotKept(string format, string framing)
    {
        var before = shared.Peaks();

        Assert.Equal(await ExpectedAsync(), await shared.PourAsync(format, $"pour {Size}{framing}"));

        AssertNotKept(before);
    }

    [Theory]
    [InlineData(FunctionFormat.HttpStream)]
    [InlineData(FunctionFormat.Http)]
    public async Task Call_FunctionHasSentAPartOfItsAnswer_ArrivesBeforeTheRestIsMade(string format)
    {
        var signal = Path.Combine(shared.Directory.FullName, Guid.NewGuid().ToString());
        using var answer = await shared.SendAsync(format, $"hold {signal}");
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var first = new byte[5];
        await body.ReadExactlyAsync(first, Cancel);
        Assert.Equal("first"u8.ToArray(), first);

        // Only now does the function go on.
        await File.WriteAllTextAsync(signal, "", Cancel);

        using var rest = new StreamReader(body);
        Assert.Equal("second", await rest.ReadToEndAsync(Cancel));
    }

    [Theory]
    [InlineData(FunctionFormat.HttpStream)]
    [InlineData(FunctionFormat.Http)]
    public async Task Call_ClientHasSentAPartOfItsRequest_ReachesTheFunctionBeforeTheRestIsSent(string format)
    {
        var signal = Path.Combine(shared.Directory.FullName, Guid.NewGuid().ToString());
        using var body = new PartsContent(async stream =>
        {
            await stream.WriteAsync("first"u8.ToArray(), Cancel);
            await stream.FlushAsync(Cancel);
            await Eventually.HoldsAsync(() => File.Exists(signal), "the function has got the first part");
            await stream.WriteAsync("second"u8.ToArray(), Cancel);
        });

        Assert.Equal(
            await PatternStream.ChecksumAsync(new MemoryStream("firstsecond"u8.ToArray()), Cancel), await shared.ChecksumAsync(format, body, $"notice {signal}"));
    }

    private static Task<string> ExpectedAsync() => PatternStream.ChecksumAsync(new PatternStream(Size), Cancel);

    private void AssertNotKept((long Gateway, long Runner) before)
    {
        var after = shared.Peaks();
        var (gateway, runner) = (after.Gateway - before.Gateway, after.Runner - before.Runner);
        Assert.True(gateway < MostGrowth && runner < MostGrowth, $"The gateway has grown by {gateway} bytes, the runner by {runner}.");
    }

    private sealed class PartsContent(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
