using System.Globalization;
using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A gateway and a runner, each a process whose memory can be looked at, and the faulty function in both hot formats.</summary>
public sealed class StreamingPlatform : IAsyncLifetime
{
    private const int WarmUp = 8 << 20;

    private readonly Dictionary<string, string> _functions = [];

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("fn-test-");

    internal Platform Platform { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Platform = await Platform.StartAsync(1);
        var config = new JsonObject([.. FaultyFunction.Config.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))]);
        foreach (var format in (string[])[FunctionFormat.HttpStream, FunctionFormat.Http])
        {
            _functions[format] = await Platform.CreateAsync(format, FaultyFunction.Image, format, timeout: 120, config: (JsonObject)config.DeepClone());
            // What a process needs once, whatever the size of bodies: compiled code and buffers.
            await ChecksumAsync(format, new StreamContent(new PatternStream(WarmUp)));
            await PourAsync(format, $"pour {WarmUp} chunked");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        Directory.Delete(recursive: true);
    }

    /// <summary>Calls the function of a format; the answer's body is the caller's to read.</summary>
    internal Task<HttpResponseMessage> SendAsync(string format, string behaviour, HttpContent? body = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/invoke/{_functions[format]}") { Content = body };
        request.Headers.Add(FaultyFunction.Header, behaviour);
        return Platform.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>Sends a body; returns the checksum of what the function has read.</summary>
    internal async Task<string> ChecksumAsync(string format, HttpContent body, string behaviour = "checksum")
    {
        using var answer = await SendAsync(format, behaviour, body);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    /// <summary>Lets the function answer; returns the checksum of what came.</summary>
    internal async Task<string> PourAsync(string format, string behaviour)
    {
        using var answer = await SendAsync(format, behaviour);
        return await PatternStream.ChecksumAsync(await answer.Content.ReadAsStreamAsync(Cancel), Cancel);
    }

    /// <summary>The most memory that gateway and runner have ever used, in bytes.</summary>
    internal (long Gateway, long Runner) Peaks() => (Peak(Platform.Gateway), Peak(Platform.Runners[0]));

    private static long Peak(ServiceProcess process)
    {
        const string name = "VmHWM:";
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
