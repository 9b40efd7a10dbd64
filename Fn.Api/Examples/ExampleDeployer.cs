using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using YamlDotNet.Core;

namespace Fn.Api.Examples;

/// <summary>
/// Creates or updates the app <c>examples</c> when a gateway in Development has started, and prints a line to paste for each of its functions.
/// </summary>
internal sealed partial class ExampleDeployer(ExampleFolders folders, IExampleTarget target, IServer server, ILogger<ExampleDeployer> logger) : IHostedLifecycleService
{
    private const string AppName = "examples";
    private const string ProcessPrefix = "process:";

    /// <summary>Once everything has started: the store is open, and the address to print is known.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var lines = new StringBuilder();
        foreach (var folder in folders.All())
        {
            if (Read(folder) is not { } file || Describe(folder, file) is not { } function)
                continue;
            try
            {
                var id = await target.UpsertAsync(AppName, function, cancellationToken);
                lines.Append('\n').Append(CurlLine(function.Name, file, id));
            }
            catch (InvalidDataException e)
            {
                Log.NotReadable(logger, Path.Combine(folder, FuncFile.FileName), e.Message);
            }
        }
        if (lines.Length > 0)
            Log.Deployed(logger, AppName, lines.ToString());
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private FuncFile? Read(string folder)
    {
        try
        {
            return FuncFile.Read(folder);
        }
        catch (YamlException e)
        {
            Log.NotReadable(logger, Path.Combine(folder, FuncFile.FileName), e.Message);
            return null;
        }
    }

    private ExampleFunction? Describe(string folder, FuncFile file)
    {
        var program = folders.Program(folder, file);
        if (!File.Exists(program))
        {
            Log.NotBuilt(logger, folder, program);
            return null;
        }
        return new ExampleFunction
        {
            Name = file.Name ?? Path.GetFileName(folder),
            Image = ProcessPrefix + (program.AsSpan().ContainsAny(' ', '\t') ? $"\"{program}\"" : program),
            Format = file.Format,
            MemoryMiB = file.Memory,
            TimeoutSeconds = file.Timeout,
            IdleTimeoutSeconds = file.IdleTimeout,
            Config = Config(file),
        };
    }

    /// <summary>A function sees nothing of the gateway's environment; a .NET program has to be told where the runtime is unless that is a well-known place.</summary>
    private static Dictionary<string, string> Config(FuncFile file)
    {
        var config = new Dictionary<string, string>(file.Config ?? []);
        if (file.Entrypoint is null)
            config.TryAdd("DOTNET_ROOT", Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory()));
        return config;
    }

    private string CurlLine(string name, FuncFile file, string id)
    {
        var body = file.Tests is [{ In.Length: > 0 } test, ..] ? $"-d '{test.In.Replace("'", @"'\''", StringComparison.Ordinal)}'" : "-X POST";
        return $"curl -i {body} {BaseUrl()}/invoke/{id}   # {name}";
    }

    private string BaseUrl()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = addresses.FirstOrDefault(one => one.StartsWith("http://", StringComparison.Ordinal)) ?? addresses.FirstOrDefault() ?? "http://localhost:8080";
        return address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
    }

    private static partial class Log
    {
        [LoggerMessage(1400, LogLevel.Information, "The functions of app {App} can be called:{Lines}")]
        public static partial void Deployed(ILogger logger, string app, string lines);

        [LoggerMessage(1401, LogLevel.Warning, "The example in {Folder} was left out: {Program} is not there. Build the solution.")]
        public static partial void NotBuilt(ILogger logger, string folder, string program);

        [LoggerMessage(1402, LogLevel.Warning, "The example of {File} was left out: {Reason}")]
        public static partial void NotReadable(ILogger logger, string file, string reason);
    }
}
