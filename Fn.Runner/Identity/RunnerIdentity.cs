using System.Globalization;
using Fn.ServiceDefaults.Configuration;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Identity;

/// <summary>
/// Who this runner is, across restarts: the first free lock file <c>runners/N.lock</c> in the data directory, and a GUID kept beside it. The lock is the
/// operating system's, so it falls with the process however that ends, and who can take a lock knows that its last owner is dead.
/// </summary>
internal sealed class RunnerIdentity(IOptions<DataOptions> options) : IDisposable
{
    private const int MostRunners = 1000;

    private readonly List<FileStream> _deadLocks = [];
    private FileStream? _lock;
    private string? _id;

    /// <summary>The runner's id: 32 hex digits. There after <see cref="Acquire"/>.</summary>
    public string Id => _id ?? throw new InvalidOperationException("The runner has no identity before it has started.");

    private string Folder => Path.Combine(options.Value.FullPath, "runners");

    /// <summary>
    /// Takes the first free lock. Returns the ids whose containers may be removed: this runner's own and those of dead runners. Their locks are kept until
    /// <see cref="ReleaseDead"/>, or a runner that starts meanwhile could become one of them and lose its first containers.
    /// </summary>
    public IReadOnlyCollection<string> Acquire()
    {
        Directory.CreateDirectory(Folder);
        var dead = new List<string>();
        for (var number = 0; number < MostRunners; number++)
        {
            var path = Path.Combine(Folder, number.ToString(CultureInfo.InvariantCulture));
            if (_lock is not null && !File.Exists(path + ".lock"))
                return dead;
            if (TryLock(path + ".lock") is not { } held)
                continue;
            if (_lock is null)
            {
                _lock = held;
                _id = ReadOrMakeId(path + ".id");
                dead.Add(_id);
                continue;
            }
            _deadLocks.Add(held);
            if (TryReadId(path + ".id") is { } id)
                dead.Add(id);
        }
        return _lock is not null ? dead : throw new IOException($"No free runner lock in {Folder}: {MostRunners} runners use this data directory.");
    }

    /// <summary>Lets other runners have the dead ones' locks, once what those left is removed.</summary>
    public void ReleaseDead()
    {
        foreach (var held in _deadLocks)
            held.Dispose();
        _deadLocks.Clear();
    }

    public void Dispose()
    {
        ReleaseDead();
        _lock?.Dispose();
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            // FileShare.None is an advisory lock (flock) that other runners' opens respect and that ends with the process.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? TryReadId(string path) =>
        File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var id) ? id.ToString("N") : null;

    private static string ReadOrMakeId(string path)
    {
        if (TryReadId(path) is { } known)
            return known;
        var id = Guid.CreateVersion7().ToString("N");
        File.WriteAllText(path, id);
        return id;
    }
}
