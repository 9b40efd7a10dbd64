using Fn.Api.Json;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Api.Json;

public class TimestampTests
{
    [Theory]
    [InlineData("2026-11-24T02:25:09Z", "2026-11-24T02:25:09.000Z")]
    [InlineData("2026-11-24T02:25:09.891Z", "2026-11-24T02:25:09.891Z")]
    [InlineData("2026-11-24T02:25:09.891234Z", "2026-11-24T02:25:09.891Z")]
    [InlineData("2026-11-24T02:25:09.891234567Z", "2026-11-24T02:25:09.891Z")]
    [InlineData("2026-11-24T04:25:09.5+02:00", "2026-11-24T02:25:09.500Z")]
    public void TryParse_Rfc3339_IsRead(string text, string expected)
    {
        Assert.True(Timestamp.TryParse(text, out var time));
        Assert.Equal(expected, Timestamp.Format(time!.Value));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00.000Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("")]
    public void TryParse_ZeroTime_IsNotGiven(string text)
    {
        Assert.True(Timestamp.TryParse(text, out var time));
        Assert.Null(time);
    }

    [Theory]
    [InlineData("2026-11-24")]
    [InlineData("2026-11-24T02:25:09")]
    [InlineData("2026-11-24 02:25:09Z")]
    [InlineData("2026-13-24T02:25:09Z")]
    [InlineData("x")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Timestamp.TryParse(text, out _));

    [Fact]
    public void Now_FinerClock_IsCutToMilliseconds()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(12_345));
        Assert.Equal(10_000, Timestamp.Now(time).Ticks % TimeSpan.TicksPerSecond);
    }
}
