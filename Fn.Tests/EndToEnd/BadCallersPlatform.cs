using System.Net;
using System.Net.Http.Headers;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>A platform whose callers have to show a token, with memory for one container at a time: a call waits exactly while another one has it.</summary>
public abstract class BadCallersPlatform(int runners) : IAsyncLifetime
{
    public const string Token = "the-management-token";
    public const string InvokeToken = "the-invocation-token";
    public const int MaxRequestSize = 256 * 1024;

    private int _counted;

    /// <summary>Format http.</summary>
    public string Function { get; private set; } = "";

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("fn-test-");

    internal Platform Platform { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Platform = await Platform.StartAsync(
            runners,
            $"--Fn:Api:Tokens:0={Token}",
            $"--Fn:Api:InvokeTokens:0={InvokeToken}",
            $"--Fn:Api:MaxRequestSize={MaxRequestSize}",
            "--Fn:Runner:Memory=100MiB");
        Platform.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Function = await Platform.CreateFaultyAsync(timeout: 300);
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        Directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A file to count executions in.</summary>
    internal string NewFile() => Path.Combine(Directory.FullName, $"{++_counted}");

    internal Task<CallOutcome> CallAsync(string behaviour, HttpContent? body = null, CancellationToken? cancel = null) =>
        CallOutcome.OfAsync(Platform.Http, Function, behaviour, body, cancel: cancel);

    /// <summary>The process that serves the function's calls: waits until there is memory for it.</summary>
    internal async Task<int> ProcessAsync()
    {
        var outcome = await CallAsync("pid");
        Assert.True(outcome is { Status: 200, IsWhole: true }, outcome.ToString());
        return int.Parse(outcome.Body, null);
    }

    /// <summary>Connects to the gateway, byte by byte, and sends the beginning of a request.</summary>
    internal async Task<RawConnection> SendAsync(string requestLine, string headers, string bodyBeginning = "", string token = InvokeToken)
    {
        var gateway = Platform.Gateway.Address;
        var connection = await RawConnection.ConnectAsync(IPEndPoint.Parse(gateway.Authority), Cancel);
        await connection.SendAsync($"{requestLine} HTTP/1.1\r\nHost: {gateway.Authority}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n{bodyBeginning}", Cancel);
        return connection;
    }

    /// <summary>Sends a request whose answer ends the connection, and gives status and body of that.</summary>
    internal async Task<(int Status, string Body)> AskAsync(string requestLine, string headers, string body = "", string token = InvokeToken)
    {
        using var connection = await SendAsync(requestLine, $"Connection: close\r\n{headers}", body, token);
        var answer = await connection.ReadToEndAsync(Cancel);
        var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return head < 0 ? (0, answer) : (int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), null), answer[(head + 4)..]);
    }

    internal static Task ExecutedAsync(string file) => Eventually.HoldsAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'), "the function has seen the call");
}

/// <summary>A gateway that runs functions itself.</summary>
public sealed class BadCallersAtGateway() : BadCallersPlatform(0);

/// <summary>A gateway and a runner.</summary>
public sealed class BadCallersBeforeRunner() : BadCallersPlatform(1);
