using System.Diagnostics;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(Fn.Tests.Api.Store.Postgres.PostgresServer))]

namespace Fn.Tests.Api.Store.Postgres;

/// <summary>
/// A PostgreSQL server of the test run's own, with its files and its socket in a temporary directory. Started by the first test that needs it, and stopped
/// when the run ends. Where PostgreSQL is not installed, those tests are skipped and say so.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // PostgreSQL refuses to run as root; its package makes this user.
    private const string User = "postgres";

    private static readonly string? Programs = FindPrograms();

    private readonly SemaphoreSlim _starting = new(1);
    private DirectoryInfo? _directory;

    /// <summary>The address of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        Assert.SkipWhen(Programs is null, "PostgreSQL is not installed: no initdb under /usr/lib/postgresql or on PATH.");
        await StartAsync();
        var name = "fn" + Guid.NewGuid().ToString("N");
        await ExecuteAsync(Address("postgres"), $"CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0");
        return Address(name);
    }

    public static async Task ExecuteAsync(string address, string sql)
    {
        await using var connection = new NpgsqlConnection(address);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
#pragma warning disable CA2100 // The statements are made of constants and names that tests made up.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The address of a database of this server, there or not.</summary>
    public string Address(string database) => $"Host={_directory!.FullName};Username={User};Database={database};Pooling=false";

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_directory is null)
            return;
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", "stop", "-D", Data, "-m", "immediate", "-w");
        _directory.Delete(recursive: true);
    }

    private string Data => Path.Combine(_directory!.FullName, "data");

    private async Task StartAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_directory is not null)
                return;
            _directory = Directory.CreateTempSubdirectory("fn-pg-");
            if (Environment.UserName == "root")
                await RunProcessAsync("chown", User, _directory.FullName);
            await RunAsync("initdb", "-D", Data, "-U", User, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8");
            var options = $"-c listen_addresses= -c unix_socket_directories={_directory.FullName} -c fsync=off -c max_connections=200";
            await RunAsync("pg_ctl", "start", "-D", Data, "-w", "-l", Path.Combine(_directory.FullName, "log"), "-o", options);
        }
        finally
        {
            _starting.Release();
        }
    }

    private static string? FindPrograms()
    {
        string[] packages = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return packages.OrderDescending().Select(version => Path.Combine(version, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    private static Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        return Environment.UserName == "root"
            ? RunProcessAsync("setpriv", [$"--reuid={User}", $"--regid={User}", "--clear-groups", path, .. arguments])
            : RunProcessAsync(path, arguments);
    }

    // Output goes nowhere: the server inherits it and would hold a pipe open.
    private static async Task RunProcessAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
