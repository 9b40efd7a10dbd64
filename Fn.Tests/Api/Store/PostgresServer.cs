using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Fn.Tests.Api.Store;

/// <summary>A PostgreSQL server of the tests' own, with its own data, on a free port of the loopback interface. Stopped when the tests are done.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    // The server refuses to run as root.
    private const string User = "postgres";

    private readonly string _directory = Directory.CreateTempSubdirectory("fn-pg-").FullName;
    private int _port;

    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    /// <summary>Why there is no server; null: there is one.</summary>
    public static string? Missing => Programs is null ? "needs PostgreSQL (package postgresql)" : null;

    /// <summary>A connection to a database of this name, which need not be there yet.</summary>
    public string Connection(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username={User};Database={database}");

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        _port = FreePort();
        await RunAsync("chown", User, _directory);
        await AsUserAsync($"{Programs}/initdb --pgdata={_directory}/data --auth=trust --encoding=UTF8 --locale=C --no-sync");
        await StartAsync();
    }

    public Task StartAsync() => AsUserAsync(
        $"{Programs}/pg_ctl start --wait --silent --pgdata={_directory}/data --log={_directory}/log --options=\"-p {_port} -k {_directory} -c listen_addresses=127.0.0.1 -c fsync=off\"");

    public Task StopAsync() => AsUserAsync($"{Programs}/pg_ctl stop --mode=immediate --silent --pgdata={_directory}/data");

    public async ValueTask DisposeAsync()
    {
        if (Missing is null)
            await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Makes a database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"fn_{Guid.NewGuid():N}";
        await AsUserAsync($"{Programs}/createdb --host=127.0.0.1 --port={_port} {name}");
        return Connection(name);
    }

    private static Task AsUserAsync(string command) => RunAsync("su", "-s", "/bin/sh", User, "-c", command);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
