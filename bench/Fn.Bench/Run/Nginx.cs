using System.Diagnostics;
using Fn.Runner.Drivers.Process;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Bench.Run;

/// <summary>The limit of what a proxy can do here: nginx before one process of the same function, on its unix socket.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-bench-nginx-");
    private readonly int _port = Loopback.FreePort();
    private readonly List<ChildProcess> _processes = [];

    private Nginx()
    {
    }

    public Uri Address => new($"http://127.0.0.1:{_port}/");

    private string Socket => Path.Combine(_directory.FullName, "echo.sock");

    public static async Task<Nginx> StartAsync(CancellationToken cancel)
    {
        var nginx = new Nginx();
        try
        {
            await nginx.LaunchAsync(cancel);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            // Told, not killed: nginx takes its workers with it.
            _ = Native.Kill(process.Id, SigTerm);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _directory.Delete(recursive: true);
    }

    private async Task LaunchAsync(CancellationToken cancel)
    {
        var directory = _directory.FullName;
        var configuration = Path.Combine(directory, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(), cancel);
        _processes.Add(ChildProcess.Start(new ProcessStartInfo(EchoProgram.Path) { Environment = { ["FN_LISTENER"] = "unix:" + Socket } })!);
        _processes.Add(ChildProcess.Start(new ProcessStartInfo("nginx", ["-p", directory, "-e", Path.Combine(directory, "error.log"), "-c", configuration]))!);
        await AnswersAsync(cancel);
    }

    /// <summary>Neither of the two says when it is ready, so they are asked until they answer.</summary>
    private async Task AnswersAsync(CancellationToken cancel)
    {
        using var client = new HttpClient();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (await tick.WaitForNextTickAsync(cancel))
        {
            if (_processes.Any(static process => process.HasExited))
                throw new BenchException($"nginx or its function ended before it answered: {ErrorLog()}");
            try
            {
                using var body = new StringContent("ready?");
                using var answer = await client.PostAsync(Address, body, cancel);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Does not listen yet.
            }
        }
    }

    private string ErrorLog()
    {
        var log = Path.Combine(_directory.FullName, "error.log");
        return File.Exists(log) ? File.ReadAllText(log) : "";
    }

    // User: the workers shall reach the function's socket and the folders for large bodies, which belong to who runs the bench.
    private string Configuration() => $$"""
        daemon off;
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        worker_processes 2;
        pid nginx.pid;
        error_log error.log;
        events { worker_connections 4096; }
        http {
          access_log off;
          keepalive_requests 1000000000;
          client_max_body_size 0;
          client_body_temp_path client_body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          upstream function {
            server unix:{{Socket}};
            keepalive 512;
            keepalive_requests 1000000000;
          }
          server {
            listen 127.0.0.1:{{_port}};
            location / {
              proxy_pass http://function;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_request_buffering off;
              proxy_buffering off;
            }
          }
        }
        """;
}
