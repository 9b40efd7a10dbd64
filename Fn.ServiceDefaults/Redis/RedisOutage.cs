using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Fn.ServiceDefaults.Redis;

/// <summary>Tells failures of Redis, which are expected, from bugs, and what they are about from how the client puts it.</summary>
public static partial class RedisOutage
{
    private const int Longest = 200;

    /// <summary>Whether Redis could not be asked, did not answer in time or refused.</summary>
    public static bool Is(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    /// <summary>What an operator can do something about, as it continues the words "Redis cannot be used: ".</summary>
    public static string Reason(Exception e)
    {
        var text = e.Message;
        if (text.Contains("NOAUTH", StringComparison.Ordinal) || text.Contains("WRONGPASS", StringComparison.Ordinal) || text.Contains("AuthenticationFailure", StringComparison.Ordinal))
            return $"it refuses the password of ConnectionStrings:{RedisAddress.Name}, or wants one";
        if (Unreachable().Match(text) is { Success: true } match)
            return $"nobody answers at {match.Groups[1].Value}";
        var first = text.Split(", ")[0];
        return first.Length <= Longest ? first : first[..Longest];
    }

    [GeneratedRegex(@"(?:UnableToConnect|UnableToResolvePhysicalConnection|SocketFailure|SocketClosed|ConnectionDisposed)[^,]*? on ([^\s/,]+)")]
    private static partial Regex Unreachable();
}
