using System.Net.Sockets;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Formats.HttpStream;

/// <summary>The format <c>http-stream</c>: hot, HTTP/1.1 on the unix socket that the function listens on. What every FDK speaks.</summary>
internal sealed class HttpStreamFormat(Inotify inotify, EventLoops loops, IOptions<CallOptions> options, TimeProvider time) : IFunctionFormat
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMilliseconds(50);

    public string Name => FunctionFormat.HttpStream;

    public bool OneCall => false;

    public bool HasReadySignal => true;

    public bool NeedsSocketDirectory => true;

    public void AddEnvironment(IDictionary<string, string> environment, FunctionSpec function, CallOffer? call, DateTimeOffset now)
    {
        PlatformEnvironment.Add(environment, function, detached: false);
        environment["FN_LISTENER"] = $"unix:{ContainerSpec.SocketMount}/{ListenerSocket.Name}";
    }

    public async ValueTask<OpenOutcome> OpenAsync(IContainer container, FunctionSpec function, string? socketDirectory, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(socketDirectory);
        var (socket, refusal) = await FindAsync(container, socketDirectory, cancel);
        if (socket is null)
            return Failed(refusal!);
        PolledSocket? connection = null;
        try
        {
            connection = await ConnectAsync(socket, container, cancel);
            return connection is null ? Failed(await EndedEarlyAsync(container)) : new OpenOutcome(new SocketChannel(socket, connection, loops, options.Value, time), null);
        }
        catch (SocketException e)
        {
            return Failed($"its socket cannot be connected to: {e.Message}");
        }
        finally
        {
            if (connection is null)
                socket.Dispose();
        }
    }

    private async ValueTask<(ListenerSocket? Socket, string? Refusal)> FindAsync(IContainer container, string directory, CancellationToken cancel)
    {
        using var watch = inotify.Watch(directory);
        while (true)
        {
            // Asked for before looking: what appears in between completes it.
            var change = watch.NextChange;
            var found = ListenerSocket.Find(directory);
            if (found is not (null, null))
                return found;
            await Task.WhenAny(change, container.Ended).WaitAsync(cancel);
            if (container.Ended.IsCompleted && !change.IsCompleted)
                return (null, await EndedEarlyAsync(container));
        }
    }

    /// <summary>
    /// The first connection. A socket that was bound under its final name is there before the function listens on it, and nothing tells when it does: it
    /// is tried again, within the limit of the start.
    /// </summary>
    private async ValueTask<PolledSocket?> ConnectAsync(ListenerSocket socket, IContainer container, CancellationToken cancel)
    {
        for (var wait = FirstRetry; ; wait = wait * 2 < LastRetry ? wait * 2 : LastRetry)
        {
            try
            {
                return await socket.ConnectAsync(loops, cancel);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                await Task.WhenAny(container.Ended, Task.Delay(wait, time, cancel));
                cancel.ThrowIfCancellationRequested();
                if (container.Ended.IsCompleted)
                    return null;
            }
        }
    }

    private static async ValueTask<string> EndedEarlyAsync(IContainer container) =>
        $"its container ended with exit code {(await container.Ended).Code} before its socket was there";

    private static OpenOutcome Failed(string detail) => new CallFailure(CallError.InitializationFailed) { Detail = detail };
}
