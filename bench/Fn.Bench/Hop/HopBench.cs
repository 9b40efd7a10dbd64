using System.Globalization;
using System.Net;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fn.Bench.Hop;

/// <summary>What the way from a gateway to a runner costs: as it is, and a plain exchange over either version of HTTP.</summary>
internal static class HopBench
{
    public const string Key = "the key of the bench's cluster";

    private const int Rounds = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<HopFigures>> RunAsync(CancellationToken cancel)
    {
        SocketThreads.Configure();
        await using var server = await HopServerProcess.StartAsync(cancel);
        using var runner = new HttpRunner(server.Runner, new ClusterKey(Key), "bench", NullLogger<HttpRunner>.Instance, RunnerConnection.DialTcpAsync);
        using var neighbour = new HttpRunner(server.Runner, new ClusterKey(Key), "bench", NullLogger<HttpRunner>.Instance);
        using var http1 = new PlainHop(server.Http1, HttpVersion.Version11);
        using var http2 = new PlainHop(server.Http2, HttpVersion.Version20);
        var function = Calls.Function(1, 64);
        (string Name, Func<CancellationToken, Task> Call)[] hops =
        [
            ("plain HTTP/1.1", http1.CallAsync),
            ("HttpRunner", each => OfferAsync(runner, function, each)),
            ("HttpRunner, one machine", each => OfferAsync(neighbour, function, each)),
            ("plain HTTP/2", http2.CallAsync),
        ];
        foreach (var (_, call) in hops)
            await ClosedLoop.RunAsync(16, WarmUp, call, cancel);
        var figures = new List<HopFigures>();
        foreach (var clients in (int[])[1, 16, 64])
            figures.AddRange(await MeasureAsync(clients, hops, cancel));
        Print(figures);
        return figures;
    }

    /// <summary>Reads a body to its end.</summary>
    public static async Task DrainAsync(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[64];
        while (await body.ReadAsync(buffer, cancel) > 0)
        {
        }
    }

    private static async Task OfferAsync(HttpRunner runner, FunctionSpec function, CancellationToken cancel)
    {
        if (await runner.OfferAsync(Calls.Offer(function), cancel) is not AnsweredOutcome { Answer: var answer })
        {
            cancel.ThrowIfCancellationRequested();
            throw new InvalidOperationException("A call was not answered.");
        }
        await DrainAsync(answer.Body, cancel);
        await answer.DisposeAsync();
    }

    private static async Task<IEnumerable<HopFigures>> MeasureAsync(int clients, (string Name, Func<CancellationToken, Task> Call)[] hops, CancellationToken cancel)
    {
        var runs = hops.Select(_ => new List<LoopFigures>()).ToList();
        for (var round = 0; round < Rounds; round++)
        {
            // In turn, each round beginning with another one.
            for (var i = 0; i < hops.Length; i++)
            {
                var hop = (round + i) % hops.Length;
                runs[hop].Add(await ClosedLoop.RunAsync(clients, Round, hops[hop].Call, cancel));
            }
        }
        var plain1 = runs[0];
        return hops.Select((hop, i) => new HopFigures(
            hop.Name,
            clients,
            Ratio.Median([.. runs[i].Select(static run => run.CallsPerSecond)]),
            Ratio.Median([.. runs[i].Select(static run => run.P50Micros)]),
            Ratio.Median([.. runs[i].Select(static run => run.P99Micros)]),
            Ratio.Of([.. runs[i].Select(static run => run.CallsPerSecond)], [.. plain1.Select(static run => run.CallsPerSecond)])));
    }

    private static void Print(List<HopFigures> figures) => Table.Print(
        ["", "clients", "calls/s", "p50 µs", "p99 µs", "calls/s to plain HTTP/1.1"],
        [.. figures.Select(f => (string[])[f.Hop, Text(f.Clients, "0"), Text(f.CallsPerSecond, "0"), Text(f.P50Micros, "0"), Text(f.P99Micros, "0"), Text(f.ToHttp1, "0.00")])]);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>Medians of the rounds of one hop.</summary>
internal sealed record HopFigures(string Hop, int Clients, double CallsPerSecond, double P50Micros, double P99Micros, double ToHttp1);
