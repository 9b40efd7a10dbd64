using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A function that logs without measure is nobody's trouble but its own.</summary>
public sealed class LogFloodTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Function_FloodsItsLogWithBinary_OthersAreAnsweredAndItIsSaid()
    {
        await using var platform = await Platform.StartAsync(0, "--Fn:Containers:StartTimeout=60s", "--Logging:LogLevel:Fn.Function=Information");
        var config = new JsonObject();
        foreach (var (key, value) in FaultyFunction.Config)
            config[key] = value;
        var flood = await platform.CreateAsync("flood", FaultyFunction.Image, FunctionFormat.HttpStream, config: config, idleTimeout: 300);
        var other = await platform.CreateFaultyAsync("other");
        // Its head comes before the first line does.
        using var log = new StreamReader(await platform.Http.GetStreamAsync(new Uri($"/v2/fns/{flood}/logs", UriKind.Relative), Cancel));

        Assert.Equal(200, (await platform.CallAsync(flood, "flood-log")).Status);
        await HasDroppedAsync(log);
        // What any calls take for themselves is there before it counts.
        await CallAsync(platform, other);
        var before = SoakFigures.Of(platform.Gateway);
        await CallAsync(platform, other);
        var after = SoakFigures.Of(platform.Gateway);

        Assert.InRange(after.ResidentKiB - before.ResidentKiB, long.MinValue, 64 * 1024);
        await HasDroppedAsync(log);
        Assert.Equal(200, (await platform.CallAsync(flood)).Status);
        Assert.Contains($"log lines of function {flood}", platform.Gateway.Output, StringComparison.Ordinal);
    }

    private static async Task CallAsync(Platform platform, string function)
    {
        for (var i = 0; i < 200; i++)
            Assert.Equal(200, (await platform.CallAsync(function)).Status);
    }

    /// <summary>Completes when the tail tells that there was more.</summary>
    private static async Task HasDroppedAsync(StreamReader log)
    {
        while (await log.ReadLineAsync(Cancel) is { } line)
        {
            if (line.EndsWith("lines were dropped", StringComparison.Ordinal))
                return;
        }
        Assert.Fail("The log ended.");
    }
}
