using System.Net;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;

namespace Fn.Bench.Hop;

/// <summary>An exchange with the headers of an offer and of its answer, over a version of HTTP, and nothing else of the hop.</summary>
internal sealed class PlainHop(Uri server, Version version) : IDisposable
{
    private static readonly ReadOnlyMemory<byte> Body = "World"u8.ToArray();

    private readonly Uri _address = new(server, HopServer.PlainPath);
    private readonly HttpMessageInvoker _invoker = InvokerFactory.Create(new InvokerOptions());

    public async Task CallAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(Body),
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("User-Agent", "bench");
        headers.TryAddWithoutValidation("Accept", "*/*");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "text/plain");
        headers.TryAddWithoutValidation(RunnerWire.OfferRevision, "0123456789abcdef0123456789abcdef");
        headers.TryAddWithoutValidation(RunnerWire.OfferMethod, "POST");
        headers.TryAddWithoutValidation(RunnerWire.OfferUrl, "http://127.0.0.1:8080/invoke/01BENCH0000000000000000001");
        headers.TryAddWithoutValidation(RunnerWire.OfferWait, RunnerWire.Now);
        using var response = await _invoker.SendAsync(request, cancel);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The server answered with {(int)response.StatusCode}.");
        await HopBench.DrainAsync(await response.Content.ReadAsStreamAsync(cancel), cancel);
    }

    public void Dispose() => _invoker.Dispose();
}
