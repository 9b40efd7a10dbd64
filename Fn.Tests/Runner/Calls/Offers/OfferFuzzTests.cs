using System.Text;
using Fn.Runner.Calls.Http;
using Fn.Runner.Calls.Offers;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Seam;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

/// <summary>Offers of random lines, whole and damaged: what is understood past Kestrel is what Kestrel understands.</summary>
public sealed class OfferFuzzTests : IAsyncLifetime
{
    private const string Announcement = "Fn-Offer-Whole: 1\r\n";

    private static readonly string[] Names =
        ["X-A", "x-a", "Accept", "Accept-Encoding", "User-Agent", "TE", "Connection", "Cookie", "Content-Type", "traceparent", "Date", "Fn-Outcome", "Fn-Offer-Newer", "X_y.z~"];

    private readonly ScriptedRunner _runner = new() { RefuseAll = NotPlacedReason.Full };
    private readonly FunctionSpec _function = Samples.Function();
    private LoopbackServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync(
        services =>
        {
            var known = new RevisionCache(1);
            known.Add(_function);
            ScriptedSeam.AddRunner(services.AddSingleton(known), _runner);
        },
        app => app.MapRunner());

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Offer_RandomLines_AreTheSameEitherWay(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var (lines, body) = (RandomLines(random), RandomText(random, 50));

            var kestrels = await OfferAsync("", lines, body);

            Assert.NotNull(kestrels);
            Assert.Equal(kestrels, await OfferAsync(Announcement, lines, body));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Offer_DamagedLines_NothingIsUnderstoodThatKestrelDoesNot(int seed)
    {
        var random = new Random(seed);
        var understood = 0;
        for (var i = 0; i < 200; i++)
        {
            var (lines, body) = (Damage(random, RandomLines(random)), RandomText(random, 50));

            if (await OfferAsync(Announcement, lines, body) is not { } offer)
                continue;
            understood++;
            Assert.Equal(await OfferAsync("", lines, body), offer);
        }
        // Else nothing was compared.
        Assert.InRange(understood, 20, 190);
    }

    /// <summary>What reached the runner; null: nothing did.</summary>
    private async Task<string?> OfferAsync(string announcement, string lines, string body)
    {
        using var client = await RawConnection.ConnectAsync(_server.EndPoint, Cancel);
        var before = _runner.Offers;
        await client.SendAsync(
            $"POST /runner/v1/calls/01CALL00000000000000000000 HTTP/1.1\r\n{announcement}Host: runner\r\n{lines}Content-Length: {body.Length}\r\n\r\n{body}", Cancel);
        try
        {
            await client.ReadHeadAsync(Cancel);
        }
        catch (EndOfStreamException)
        {
            // Hung up on.
        }
        if (_runner.Offers == before)
            return null;
        var offer = _runner.LastOffer!;
        // Kestrel has the lines of one name together, spelled as the first of them.
        var headers = offer.Headers.Select(line => (Name: line.Name.ToUpperInvariant(), line.Value)).OrderBy(line => line.Name, StringComparer.Ordinal);
        return $"{offer.Method} {offer.RequestUrl} {offer.Wait} {offer.Detached} {string.Join('|', headers)} {Encoding.Latin1.GetString(offer.Body.Buffered.Span)}";
    }

    private string RandomLines(Random random)
    {
        var lines = new List<string>
        {
            $"Fn-Offer-Revision: {_function.Revision}", "Fn-Offer-Method: " + (random.Next(2) == 0 ? "GET" : "Brew"), "Fn-Offer-Url: http://x/" + random.Next(),
            "Fn-Offer-Wait: " + (random.Next(2) == 0 ? "now" : random.Next(1000)), "Fn-Offer-Detached: " + random.Next(2),
        };
        var numbered = random.Next(4);
        for (var number = 1; number <= numbered; number++)
            lines.Add($"Fn-Offer-Line-{number}: X:{RandomText(random, 5)}");
        for (var i = random.Next(12); i > 0; i--)
            lines.Add(Names[random.Next(Names.Length)] + ":" + new string(' ', random.Next(3)) + RandomText(random, 20) + new string('\t', random.Next(2)));
        return string.Concat(lines.OrderBy(_ => random.Next()).Select(line => line + "\r\n"));
    }

    private static string Damage(Random random, string lines)
    {
        const string Nasty = "\r\n\0:\t \u0001\u007f\u00ff(1";
        var text = new StringBuilder(lines);
        for (var i = random.Next(3); i >= 0; i--)
        {
            // Not at the end, where it would be the framing that suffers.
            var at = random.Next(text.Length - 2);
            var with = Nasty[random.Next(Nasty.Length)];
            if (random.Next(2) == 0)
                text.Insert(at, with);
            else
                text[at] = with;
        }
        return text.ToString();
    }

    // Without blanks at its ends, which belong to the line.
    private static string RandomText(Random random, int most) =>
        new([.. Enumerable.Range(0, random.Next(most)).Select(_ => (char)random.Next(0x21, 0x100)).Where(c => c is not ((char)0x7f))]);
}
