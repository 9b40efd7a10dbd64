using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Docker.DotNet;
using Docker.DotNet.Models;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Tests.Runner.Drivers.Docker;

/// <summary>Makes images out of files of this machine: busybox, and the faulty function as one native file with the libraries it needs.</summary>
internal sealed partial class DockerTestImages(DockerClient client)
{
    private static readonly string[] Applets = ["sh", "cat", "echo", "sleep", "tr", "id", "touch", "env", "dd", "yes", "head", "ln", "mkdir"];

    private readonly HashSet<string> _made = [];
    private Task<string>? _faulty;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An image that runs a script, which has no double quotes.</summary>
    public async Task<string> ShellAsync(string script, params string[] changes)
    {
        var text = string.Join('\n', [script, .. changes]);
        var image = $"test/shell:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";
        if (_made.Add(image))
            await ImportAsync(image, ["ENV PATH=/bin", $"ENTRYPOINT [\"/bin/sh\",\"-c\",\"{script}\"]", .. changes], tar => AddFileAsync(tar, "/bin/busybox"), Applets);
        return image;
    }

    /// <summary>Gives an image another name as well.</summary>
    public Task TagAsync(string image, string name)
    {
        var parts = name.Split(':');
        return client.Images.TagImageAsync(image, new ImageTagParameters { RepositoryName = parts[0], Tag = parts[1] }, Cancel);
    }

    /// <summary>The image of the faulty function.</summary>
    public Task<string> FaultyAsync() => _faulty ??= MakeFaultyAsync();

    private async Task<string> MakeFaultyAsync()
    {
        var output = Directory.CreateTempSubdirectory("fn-faulty-");
        try
        {
            var project = Path.Combine(SourceRoot(), "Fn.Tests", "Functions", "Faulty");
            await RunAsync("dotnet", "publish", project, "-p:PublishAot=true", "-p:InvariantGlobalization=true", "--artifacts-path", Path.Combine(output.FullName, "artifacts"), "-o", output.FullName);
            var program = Path.Combine(output.FullName, "Faulty");
            var libraries = Path_().Matches(await RunAsync("ldd", program)).Select(match => match.Value).ToList();
            await ImportAsync("test/faulty:1", ["ENTRYPOINT [\"/faulty\"]"], async tar =>
            {
                await tar.WriteEntryAsync(program, "faulty", Cancel);
                foreach (var library in libraries)
                    await AddFileAsync(tar, library);
            });
            return "test/faulty:1";
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private async Task ImportAsync(string image, IList<string> changes, Func<TarWriter, Task> write, string[]? applets = null)
    {
        using var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var directory in (string[])["tmp", "bin", "proc", "dev", "sys", "etc"])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = (UnixFileMode)0x1ff }, Cancel);
            await write(tar);
            foreach (var applet in applets ?? [])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" }, Cancel);
        }
        archive.Position = 0;
        var name = image.Split(':');
        var parameters = new ImagesCreateParameters { FromSrc = "-", Repo = name[0], Tag = name[1], Changes = changes };
        await client.Images.CreateImageAsync(parameters, archive, null, new Failing(), Cancel);
    }

    private static async Task AddFileAsync(TarWriter tar, string file)
    {
        // What a link leads to, under the link's name.
        await using var data = File.OpenRead(file);
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, file.TrimStart('/')) { DataStream = data, Mode = (UnixFileMode)0x1ed }, Cancel);
    }

    private static string SourceRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Fn.sln")))
            directory = directory.Parent!;
        return directory.FullName;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        // Set by whoever runs the tests for its own build.
        start.Environment.Remove("MSBuildSDKsPath");
        using var process = ChildProcess.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed:\n{output}");
    }

    [GeneratedRegex(@"/\S+")]
    private static partial Regex Path_();

    private sealed class Failing : IProgress<JSONMessage>
    {
        public void Report(JSONMessage value)
        {
            if (value.Error is { } error)
                throw new InvalidOperationException(error.Message);
        }
    }
}
