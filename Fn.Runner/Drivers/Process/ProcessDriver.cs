using System.Diagnostics;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Drivers.Process;

/// <summary>
/// Runs images of the form <c>process:PATH [ARGS]</c> as child processes, for development: files under allowed roots only, no isolation, no limits. A
/// container is what carries its label: the process, its group, and whatever left the group.
/// </summary>
internal sealed partial class ProcessDriver(ProcessFiles files, ProcessSweeper sweeper, TimeProvider time, ILogger<ProcessDriver> logger) : IContainerDriver, IDisposable
{
    /// <summary>What begins an address in the socket directory for a function in a container; a process sees the directory where it is on the host.</summary>
    private const string SocketAddress = $"unix:{ContainerSpec.SocketMount}/";

    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // Followed by the runner's and the container's id. The former is random, so nobody else can have made the directory beforehand.
    private const string DirectoryPrefix = "fn-process-";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ChildWatch _children = new();
    private readonly string? _setsid = FindOnPath("setsid");
    private int _limitsNamed;

    public string Name => "process";

    // They could, but nothing else keeps them from the host's disk either.
    public bool SeesMounts => false;

    public TimeSpan TypicalStart { get; } = TimeSpan.FromMilliseconds(50);

    public bool Runs(string image) => ProcessImage.Matches(image);

    public ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => ValueTask.FromResult(Find(image).Failure);

    public ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel) => ValueTask.FromResult(Create(spec));

    public Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel) =>
        Task.WhenAll(runnerIds.Select(async runnerId =>
        {
            await sweeper.SweepAsync(ProcessLabel.Of(runnerId, "")).WaitAsync(cancel);
            foreach (var directory in Directory.EnumerateDirectories(Path.GetTempPath(), $"{DirectoryPrefix}{runnerId}-*"))
                Delete(directory);
        }));

    public void Dispose() => _children.Dispose();

    private CreateOutcome Create(ContainerSpec spec)
    {
        var (path, failure) = Find(spec.Function.Image);
        if (path is null)
            return failure!;
        if (_setsid is null)
            return new CallFailure(CallError.StartFailed) { Detail = "the program setsid (package util-linux) is not on PATH" };
        if (Executable.Refusal(path) is { } refusal)
            return new CallFailure(CallError.InitializationFailed) { Detail = $"{path}: {refusal}" };
        if (EnvironmentLimits.Check(spec.Environment) is { } tooLarge)
            return tooLarge;
        if (Interlocked.Exchange(ref _limitsNamed, 1) == 0)
            Log.NoLimits(logger);

        var temporary = Path.Combine(Path.GetTempPath(), $"{DirectoryPrefix}{spec.RunnerId}-{spec.Id}");
        Directory.CreateDirectory(temporary, OwnerOnly);
        var label = ProcessLabel.Of(spec.RunnerId, spec.Id);
        var start = StartInfo(spec, path, label, temporary);
        return new CreateOutcome(new ProcessContainer(spec.Id, start, label, temporary, _children, sweeper, time, logger), null);
    }

    private ProcessStartInfo StartInfo(ContainerSpec spec, string path, string label, string temporary)
    {
        var info = new ProcessStartInfo(_setsid!)
        {
            WorkingDirectory = Path.GetDirectoryName(path)!,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        info.ArgumentList.Add(path);
        foreach (var argument in ProcessImage.Parse(spec.Function.Image)!.Arguments)
            info.ArgumentList.Add(argument);
        info.Environment.Clear();
        // First in the block, where a sweep finds it at once.
        info.Environment[ProcessLabel.Variable] = label;
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? DefaultPath;
        info.Environment["HOME"] = temporary;
        foreach (var (key, value) in spec.Environment)
        {
            if (key != ProcessLabel.Variable)
                info.Environment[key] = SeenByProcess(value, spec.SocketDirectory);
        }
        info.Environment["TMPDIR"] = temporary;
        return info;
    }

    private static string SeenByProcess(string value, string? socketDirectory) =>
        socketDirectory is not null && value.StartsWith(SocketAddress, StringComparison.Ordinal) ? $"unix:{socketDirectory}/{value[SocketAddress.Length..]}" : value;

    private FileOutcome Find(string image) =>
        ProcessImage.Parse(image) is { } parsed
            ? files.Find(parsed.Path)
            : new FileOutcome(null, new CallFailure(CallError.PullFailed) { Status = 400, Detail = "a process image is process:PATH [ARGS], with closed quotes" });

    private void Delete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.DirectoryLeft(logger, e, directory);
        }
    }

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? DefaultPath).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(file => File.Exists(file) && Native.MayExecute(file));

    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Warning, "Functions of process: images run without limits and without isolation: memory, CPU, processes, disk and network are not confined")]
        public static partial void NoLimits(ILogger logger);

        [LoggerMessage(2504, LogLevel.Warning, "The temporary directory {Directory} could not be removed")]
        public static partial void DirectoryLeft(ILogger logger, Exception exception, string directory);
    }
}
