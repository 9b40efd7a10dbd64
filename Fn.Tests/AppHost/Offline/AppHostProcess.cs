using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Fn.Tests.EndToEnd;
using Xunit;

namespace Fn.Tests.AppHost.Offline;

/// <summary>The AppHost as a user runs it, with a data directory of its own and a free port for the gateway.</summary>
internal sealed partial class AppHostProcess : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;

    private const string Ready = "Ready.";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fn-apphost-test-");
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private AppHostProcess(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Fn.AppHost", own.Name, "Fn.AppHost");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory.FullName };
        start.Environment["Fn__DataDirectory"] = _directory.FullName;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int ExitCode => _process.ExitCode;

    public IReadOnlyList<string> Lines => [.. _output];

    public string Output => string.Join('\n', _output);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts it and waits until all is up.</summary>
    public static async Task<AppHostProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var started = new AppHostProcess(environment, ["--api-port", "0", .. arguments]);
        if (await Task.WhenAny(started._ready.Task, started._process.WaitForExitAsync(Cancel)) != started._ready.Task)
        {
            await using (started)
                throw new InvalidOperationException($"ended with {started.ExitCode} before it was ready:\n{started.Output}");
        }
        return started;
    }

    /// <summary>Starts it and waits for the end that it comes to by itself.</summary>
    public static async Task<AppHostProcess> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var run = new AppHostProcess(environment, arguments);
        await run._process.WaitForExitAsync(Cancel);
        return run;
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync(Cancel);

    public void Send(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>The processes it has started and those that they have, without those that belong to no program of that name.</summary>
    /// <param name="program">The end of the program's path; empty: all.</param>
    public IReadOnlyList<int> Descendants(string program = "") => [.. Below(_process.Id, Parents()).Where(id => Program(id).EndsWith(program, StringComparison.Ordinal))];

    /// <summary>The environment that a process was started with.</summary>
    public static Dictionary<string, string> EnvironmentOf(int id) =>
        File.ReadAllText($"/proc/{id}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);

    /// <summary>Where the gateway listens.</summary>
    public Uri Gateway() => new(Lines.Select(line => Dashboard().Match(line)).First(match => match.Success).Groups[1].Value);

    /// <summary>The id of an example, once the gateway has printed it.</summary>
    public async Task<string> ExampleAsync(string name)
    {
        var pattern = new Regex($@"/invoke/(\w+)\s+# {name}$");
        Match? match = null;
        await Eventually.HoldsAsync(() => (match = Lines.Select(line => pattern.Match(line)).FirstOrDefault(one => one.Success)) is not null, $"the gateway prints {name}");
        return match!.Groups[1].Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            var descendants = Descendants();
            Send(SigInt);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
            await _process.WaitForExitAsync(patience.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var id in descendants.Append(_process.Id))
                _ = Kill(id, SigKill);
        }
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static IEnumerable<int> Below(int id, ILookup<int, int> parents) => parents[id].SelectMany(child => Below(child, parents).Prepend(child));

    private static ILookup<int, int> Parents() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
        .Where(id => id != 0)
        .ToLookup(Parent);

    private static int Parent(int id)
    {
        try
        {
            // pid (name) state ppid: the name may hold anything.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string Program(int id) => File.ResolveLinkTarget($"/proc/{id}/exe", returnFinalTarget: false)?.FullName ?? "";

    private void Note(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (line.StartsWith(Ready, StringComparison.Ordinal))
            _ready.TrySetResult();
    }

    [GeneratedRegex(@"(http://localhost:\d+/)dashboard/")]
    private static partial Regex Dashboard();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
