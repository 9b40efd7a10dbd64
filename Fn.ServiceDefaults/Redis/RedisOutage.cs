using StackExchange.Redis;

namespace Fn.ServiceDefaults.Redis;

/// <summary>Tells failures of Redis, which are expected, from bugs.</summary>
public static class RedisOutage
{
    /// <summary>Whether Redis could not be asked, did not answer in time or refused.</summary>
    public static bool Is(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;
}
