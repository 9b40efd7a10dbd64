using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Fn.AppHost.Offline;

/// <summary>
/// A Redis for this run alone, on loopback, that keeps nothing on disk: <c>redis-server</c> if it is on PATH, else Garnet, which the tool manifest names.
/// Its password is given where other users of the machine do not see it, so not on a command line.
/// </summary>
internal static class RedisServer
{
    private const string Server = "redis-server";
    private static readonly UnixFileMode OnlyMine = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The program and what it reads on standard input.</summary>
    /// <param name="resource">The Redis.</param>
    /// <param name="scratch">A directory for a file that only this user may read.</param>
    /// <param name="cancel">Ends the waiting for Garnet to be fetched.</param>
    /// <exception cref="AppHostException">Neither can be had.</exception>
    public static async Task<(ProcessStartInfo Start, string Input)> DescribeAsync(RedisResource resource, Lazy<DirectoryInfo> scratch, CancellationToken cancel)
    {
        if (IsOnPath(Server))
        {
            string[] settings = [$"port {resource.Port}", "bind 127.0.0.1 -::1", "save \"\"", "appendonly no", "loglevel warning", $"requirepass {resource.Password}"];
            return (new ProcessStartInfo(Server, ["-"]) { WorkingDirectory = Path.GetTempPath() }, string.Join('\n', settings) + "\n");
        }
        await RestoreGarnetAsync(cancel);
        var config = Path.Combine(scratch.Value.FullName, "garnet.json");
        await using (var file = new FileStream(config, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OnlyMine }))
            await JsonSerializer.SerializeAsync(file, new { AuthenticationMode = "Password", resource.Password }, cancellationToken: cancel);
        string[] arguments =
        [
            "tool", "run", "garnet-server", "--", "--config-import-path", config, "--bind", "127.0.0.1", "--port", resource.Port.ToString(CultureInfo.InvariantCulture),
            "--memory", "256m", "--page", "4m", "--index", "16m",
        ];
        return (new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = AppHostFolder.Root }, "");
    }

    /// <summary>Whether it answers, to its password.</summary>
    public static async Task<bool> AnswersAsync(RedisResource resource, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, resource.Port, cancel);
            await using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var password = resource.Password;
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n*1\r\n$4\r\nPING\r\n"), cancel);
            return await reader.ReadLineAsync(cancel) == "+OK" && await reader.ReadLineAsync(cancel) == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task RestoreGarnetAsync(CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", ["tool", "restore"]) { WorkingDirectory = AppHostFolder.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using var restore = Process.Start(start)!;
        var (output, errors) = (restore.StandardOutput.ReadToEndAsync(cancel), restore.StandardError.ReadToEndAsync(cancel));
        var text = (await output + await errors).Trim();
        await restore.WaitForExitAsync(cancel);
        if (restore.ExitCode != 0)
        {
            throw new AppHostException(
                $"There is no {Server} on PATH, and Garnet, which would do in its place, could not be restored: install one of them (Debian: apt-get install {Server}).\n{text}");
        }
    }
}
