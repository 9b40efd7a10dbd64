using System.Diagnostics;
using Fn.ServiceDefaults.Telemetry;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

public sealed class TraceContextTextTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string SpanId = "00f067aa0ba902b7";

    [Theory]
    [InlineData("00", ActivityTraceFlags.None)]
    [InlineData("01", ActivityTraceFlags.Recorded)]
    public void Parse_WellFormed_IsReadAndWrittenAlike(string flags, ActivityTraceFlags expected)
    {
        var context = TraceContextText.Parse($"00-{TraceId}-{SpanId}-{flags}", "vendor=x");

        Assert.True(TraceContextText.IsSet(context));
        Assert.Equal((TraceId, SpanId, expected, "vendor=x", true), (context.TraceId.ToHexString(), context.SpanId.ToHexString(), context.TraceFlags, context.TraceState, context.IsRemote));
        Assert.Equal($"00-{TraceId}-{SpanId}-{flags}", TraceContextText.Format(context));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ff-" + TraceId + "-" + SpanId + "-01")]
    [InlineData("00-" + TraceId + "-" + SpanId)]
    [InlineData("00-00000000000000000000000000000000-" + SpanId + "-01")]
    [InlineData("00-" + TraceId + "-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SpanId + "-01")]
    public void Parse_Malformed_IsNone(string? text) => Assert.False(TraceContextText.IsSet(TraceContextText.Parse(text, "vendor=x")));

    [Fact]
    public void Parse_EndlessState_IsDropped() =>
        Assert.Null(TraceContextText.Parse($"00-{TraceId}-{SpanId}-01", new string('x', 3000)).TraceState);
}
