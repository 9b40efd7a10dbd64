using System.Globalization;
using System.Net;
using System.Text.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Runners;

/// <summary>Containers kept ready ahead of calls.</summary>
internal sealed partial class HttpRunner : IRunnerWarmer
{
    public async Task<WarmState> WarmAsync(FunctionSpec spec, WarmWish wish, CancellationToken cancel)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{RunnerWire.WarmPath}{spec.Revision}?count={wish.Count}&lease={(long)wish.Lease.TotalMilliseconds}&wait={(long)wish.Wait.TotalMilliseconds}");
        try
        {
            return await AskWarmAsync(path, cancel);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // It does not know the revision yet.
            if (await TeachAsync(spec, cancel) is not null)
                throw;
        }
        return await AskWarmAsync(path, cancel);
    }

    private async Task<WarmState> AskWarmAsync(string path, CancellationToken cancel)
    {
        using var response = await AskAsync(HttpMethod.Post, path, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        return await JsonSerializer.DeserializeAsync(body, WireJson.Default.WarmState, cancel) ?? throw new JsonException("The runner's answer is empty.");
    }
}
