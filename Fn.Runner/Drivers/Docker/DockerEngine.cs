using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Docker;

/// <summary>The connection to the engine. Every request has a time limit, and every way it can fail is a value. Thread-safe.</summary>
internal sealed class DockerEngine : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private bool? _sharesMounts;

    /// <param name="options">Where it is, and how long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Cancelled when the process ends.</param>
    public DockerEngine(IOptions<DockerOptions> options, TimeProvider time, CancellationToken stopping = default)
    {
        _time = time;
        Stopping = stopping;
        _limit = options.Value.RequestTimeout;
        Host = options.Value.FindHost();
        // The library's own limit would end streams and pulls too.
        Client = new DockerClientBuilder().WithEndpoint(new Uri(Host)).WithTimeout(Timeout.InfiniteTimeSpan).Build();
    }

    public string Host { get; }

    /// <summary>Whether the engine sees what this process mounts: one beside this process does, one that this process reaches out of its own container does not.</summary>
    public bool SharesMounts => (_sharesMounts ??= EngineMounts.AreShared(Host)) == true;

    public DockerClient Client { get; }

    /// <summary>From when on nothing is waited for any more that only an engine can do that is away.</summary>
    public CancellationToken Stopping { get; }

    public void Dispose() => Client.Dispose();

    public ValueTask<EngineAnswer<bool>> CallAsync(Func<DockerClient, CancellationToken, Task> request, CancellationToken cancel) =>
        CallAsync(
            async (client, limited) =>
            {
                await request(client, limited);
                return true;
            },
            cancel);

    /// <summary>Makes a request within the limit for one.</summary>
    public async ValueTask<EngineAnswer<T>> CallAsync<T>(Func<DockerClient, CancellationToken, Task<T>> request, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(_limit, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return await CallWithoutLimitAsync(request, limited.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new EngineAnswer<T>(default, new EngineError(null, $"the engine at {Host} did not answer within {DockerOptions.Section}:RequestTimeout={_limit.TotalSeconds}s"));
        }
    }

    /// <summary>Makes a request that takes as long as it takes.</summary>
    public async ValueTask<EngineAnswer<T>> CallWithoutLimitAsync<T>(Func<DockerClient, CancellationToken, Task<T>> request, CancellationToken cancel)
    {
        var answer = await AskAsync(request, cancel);
        // An answer comes in a thread that hears of sockets, and others wait to be heard of; what follows may be the start of a process, or an image unpacked.
        await Task.Yield();
        return answer;
    }

    private async ValueTask<EngineAnswer<T>> AskAsync<T>(Func<DockerClient, CancellationToken, Task<T>> request, CancellationToken cancel)
    {
        try
        {
            return new EngineAnswer<T>(await request(Client, cancel), null);
        }
        catch (DockerApiException e)
        {
            return new EngineAnswer<T>(default, new EngineError(e.StatusCode, MessageOf(e)));
        }
        catch (Exception e) when (cancel.IsCancellationRequested && e is not OperationCanceledException)
        {
            // The library wraps what went wrong while it sent a request, a cancellation too.
            throw new OperationCanceledException(e.Message, e, cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or TimeoutException or JsonException)
        {
            return new EngineAnswer<T>(default, new EngineError(null, $"the engine at {Host} cannot be reached: {e.GetBaseException().Message}"));
        }
    }

    private static string MessageOf(DockerApiException error)
    {
        try
        {
            using var body = JsonDocument.Parse(error.ResponseBody ?? "");
            return body.RootElement.GetProperty("message").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return error.ResponseBody is { Length: > 0 } text ? text.Trim() : error.StatusCode.ToString();
        }
    }
}
