using System.Net;
using Fn.ServiceDefaults.Hosting;
using Fn.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Telemetry;

/// <summary>Who may read the metrics.</summary>
public sealed class MetricsGateTests
{
    private const string Elsewhere = "10.1.2.3";

    [Theory]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData(Elsewhere, false, false)]
    [InlineData(Elsewhere, true, true)]
    public void Opens_NoTokens_ThisMachineOrWhoeverMayCall(string remote, bool open, bool expected) =>
        Assert.Equal(expected, Gate([], [], open).Opens(Request(remote, null)));

    [Theory]
    [InlineData(null, false)]
    [InlineData("Bearer wrong", false)]
    [InlineData("Basic metrics", false)]
    [InlineData("Bearer metrics", true)]
    [InlineData("bearer metrics", true)]
    [InlineData("Bearer manage", true)]
    public void Opens_Tokens_OnlyThey(string? authorization, bool expected)
    {
        var gate = Gate(["metrics"], ["manage"], open: false);

        Assert.Equal(expected, gate.Opens(Request(Elsewhere, authorization)));
        Assert.Equal(expected, gate.Opens(Request("127.0.0.1", authorization)));
    }

    private static MetricsGate Gate(string[] tokens, string[] manage, bool open) =>
        new(tokens, new ServiceHosting { DefaultPort = 0, MayLeaveLoopback = true, Tokens = manage, IsOpen = open });

    private static DefaultHttpContext Request(string remote, string? authorization)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (authorization is not null)
            context.Request.Headers.Authorization = authorization;
        return context;
    }
}
