using Fn.ServiceDefaults.Redis;
using StackExchange.Redis;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Redis;

public sealed class RedisOutageTests
{
    [Theory]
    [InlineData("No connection is active/available to service this operation: EXEC; Error: NOAUTH Authentication required. Verify if …, mc: 1/1/0", "it refuses the password of ConnectionStrings:redis, or wants one")]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.", "it refuses the password of ConnectionStrings:redis, or wants one")]
    [InlineData("No connection is active/available to service this operation: EXEC; UnableToConnect on localhost:6300/Interactive, Initializing/NotStarted, last: NONE", "nobody answers at localhost:6300")]
    [InlineData("Timeout awaiting response (outbound=0KiB, inbound=0KiB, 5000ms elapsed)", "Timeout awaiting response (outbound=0KiB")]
    public void Reason_OfTheClientsMessage_IsWhatAnOperatorCanMend(string message, string expected) =>
        Assert.Equal(expected, RedisOutage.Reason(new RedisException(message)));
}
