using StackExchange.Redis;

namespace Fn.ServiceDefaults.Redis;

/// <summary>Connects to Redis when it is first needed, on a thread of its own: connecting blocks for as long as Redis does not answer. Thread-safe.</summary>
/// <param name="connect">Connects, or gives the connection that there is.</param>
public sealed class RedisConnector(Func<IConnectionMultiplexer> connect)
{
    private readonly Lock _lock = new();
    private Task<IConnectionMultiplexer>? _connection;

    public Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancel)
    {
        lock (_lock)
            _connection ??= Task.Run(connect, CancellationToken.None);
        return _connection.WaitAsync(cancel);
    }
}
