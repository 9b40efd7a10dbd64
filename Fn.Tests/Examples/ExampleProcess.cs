using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Fn.Api.Examples;
using Fn.Tests.EndToEnd;
using Xunit;

namespace Fn.Tests.Examples;

/// <summary>A built example as a child process. Disposal ends it.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _socketDirectory;

    private ExampleProcess(Process process, string socketDirectory) => (_process, _socketDirectory) = (process, socketDirectory);

    public static ExampleFolders Folders { get; } = ExampleFolders.Find(AppContext.BaseDirectory, AppContext.BaseDirectory)!;

    public static ExampleProcess Start(string name)
    {
        var folder = Path.Combine(Folders.Root, name);
        var start = new ProcessStartInfo(Folders.Program(folder, FuncFile.Read(folder))) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var socketDirectory = Directory.CreateTempSubdirectory("fn-ex-").FullName;
        start.Environment["FN_LISTENER"] = $"unix:{socketDirectory}/lsnr.sock";
        return new ExampleProcess(Process.Start(start)!, socketDirectory);
    }

    /// <summary>Calls a function of the format http-stream.</summary>
    public async Task<string> CallAsync(string body)
    {
        var cancel = TestContext.Current.CancellationToken;
        var path = Path.Combine(_socketDirectory, "lsnr.sock");
        await Eventually.HoldsAsync(() => File.Exists(path), "the function listens");
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, connecting) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), connecting);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost/call") { Content = new StringContent(body) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await client.SendAsync(request, cancel);
        return await answer.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>Writes a request and reads the response by its Content-Length.</summary>
    public async Task<(string StatusLine, string Body)> SendAsync(string request)
    {
        var cancel = TestContext.Current.CancellationToken;
        await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(request), cancel);
        var status = await _process.StandardOutput.ReadLineAsync(cancel) ?? throw new EndOfStreamException();
        var length = 0;
        while (await _process.StandardOutput.ReadLineAsync(cancel) is { Length: > 0 } line)
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(line[15..], CultureInfo.InvariantCulture);
        }
        // The answers in these tests are ASCII, so characters are bytes.
        var body = new char[length];
        await _process.StandardOutput.ReadBlockAsync(body, cancel);
        return (status, new string(body));
    }

    public Task<(string StatusLine, string Body)> PostAsync(string body) =>
        SendAsync($"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Writes to standard input, closes it, and waits for the end of the process.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync(string input = "")
    {
        await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), TestContext.Current.CancellationToken);
        _process.StandardInput.Close();
        var output = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, output);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_socketDirectory, recursive: true);
    }
}
