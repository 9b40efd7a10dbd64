using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Docker.DotNet.Models;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Runner.Drivers.Docker;

/// <summary>
/// Asks a credential helper as docker does: <c>docker-credential-NAME get</c> with the registry on its standard input, credentials as JSON on its standard
/// output. What it prints is never logged: it may be the secret.
/// </summary>
internal static class DockerCredentialHelper
{
    /// <summary>Longest time for an answer: a helper that asks its user something would wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const int MostOutput = 64 * 1024;

    /// <summary>The user name by which a helper says that the secret is an identity token.</summary>
    private const string TokenUser = "<token>";

    /// <summary>What a helper prints, as an error, for a registry it has nothing for.</summary>
    private const string NotFound = "credentials not found in native keychain";

    /// <summary>The file name of a helper.</summary>
    public static string Program(string name) => $"docker-credential-{name}";

    /// <summary>Asks for a registry's credentials. Both null: the helper has none.</summary>
    public static async ValueTask<(AuthConfig? Found, string? Problem)> AskAsync(string name, string registry, TimeProvider time, CancellationToken cancel)
    {
        if (OnPath(Program(name)) is not { } file)
            return (null, "there is no such program on PATH");
        using var timer = new CancellationTokenSource(Limit, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            var (code, output) = await RunAsync(file, registry, limited.Token);
            if (code == 0)
                return (Read(output, registry), null);
            return (null, output.Trim() == NotFound ? null : $"it ended with exit code {code}");
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return (null, $"it did not answer within {Limit.TotalSeconds} s");
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return (null, e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, "it printed no credentials");
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string file, string registry, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(file, ["get"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var helper = ChildProcess.Start(start)!;
        try
        {
            var log = helper.StandardError.BaseStream.CopyToAsync(Stream.Null, cancel);
            try
            {
                await helper.StandardInput.WriteAsync(registry.AsMemory(), cancel);
                helper.StandardInput.Close();
            }
            catch (IOException)
            {
                // It did not want to know: its answer counts.
            }
            var output = await ReadAsync(helper.StandardOutput, cancel);
            await helper.WaitForExitAsync(cancel);
            await log;
            return (helper.ExitCode, output);
        }
        finally
        {
            if (!helper.HasExited)
                helper.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> ReadAsync(StreamReader output, CancellationToken cancel)
    {
        var buffer = new char[MostOutput];
        var length = await output.ReadBlockAsync(buffer, cancel);
        return length < MostOutput ? new string(buffer, 0, length) : throw new IOException($"it printed more than {MostOutput} characters");
    }

    private static AuthConfig Read(string output, string registry)
    {
        using var answer = JsonDocument.Parse(output);
        var (user, secret) = (Text(answer, "Username"), Text(answer, "Secret"));
        return user == TokenUser
            ? new AuthConfig { ServerAddress = registry, IdentityToken = secret }
            : new AuthConfig { ServerAddress = registry, Username = user, Password = secret };
    }

    private static string Text(JsonDocument answer, string name) =>
        answer.RootElement.TryGetProperty(name, out var value) && value.GetString() is { } text ? text : throw new JsonException($"{name} is missing");

    // On PATH only: a process would also be looked for in the current directory. A name with a slash would lead anywhere.
    private static string? OnPath(string program) => program.Contains('/', StringComparison.Ordinal)
        ? null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
