using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Process;

/// <summary>Finds the file of a process image and decides whether it may be run. Links are resolved first: what counts is where a file really is.</summary>
internal sealed class ProcessFiles(IOptions<RunnerOptions> options, IHostEnvironment host)
{
    private readonly string[] _roots = [.. options.Value.ProcessRoots.Select(root => Path.GetFullPath(root, host.ContentRootPath))];

    /// <summary>The real path of a regular file under one of the roots, or why it is not to be had.</summary>
    public FileOutcome Find(string path)
    {
        if (_roots.Length == 0)
            return Refused(403, $"{path}: no directory is allowed for process images ({RunnerOptions.Section}:{nameof(RunnerOptions.ProcessRoots)} is empty)");
        if (path.Contains('\0', StringComparison.Ordinal) || Candidates(path).Select(Native.RealPath).FirstOrDefault(real => real is not null) is not { } real)
            return Refused(404, $"{path}: no such file under {string.Join(", ", _roots)}");
        if (!_roots.Any(root => IsUnder(real, Native.RealPath(root))))
            return Refused(403, $"{path}: outside the directories allowed for process images: {string.Join(", ", _roots)}");
        return File.Exists(real) ? new FileOutcome(real, null) : Refused(404, $"{path}: not a file");
    }

    private IEnumerable<string> Candidates(string path) => Path.IsPathRooted(path) ? [path] : _roots.Select(root => Path.Combine(root, path));

    private static bool IsUnder(string path, string? root) =>
        root is not null && path.StartsWith(root, StringComparison.Ordinal) && (root.EndsWith('/') || (path.Length > root.Length && path[root.Length] == '/'));

    private static FileOutcome Refused(int status, string detail) => new(null, new CallFailure(CallError.PullFailed) { Status = status, Detail = detail });
}

/// <summary>A file that may be run, or why there is none.</summary>
internal readonly record struct FileOutcome(string? Path, CallFailure? Failure);
