using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Fn.Api.Store.Sqlite;

/// <summary>
/// The database file, held by one process at a time: what is kept in memory is then never older than the file, and a migration that a killed process left
/// half done is nobody's but ours.
/// </summary>
internal sealed class SqliteFile(IOptions<DataOptions> options) : IDisposable
{
    private readonly string _path = Path.Combine(options.Value.FullPath, "fn.db");
    private FileStream? _lock;

    /// <summary>Tells this file from all others: a GUID kept beside it. There after <see cref="Take"/>.</summary>
    public string Id { get; private set; } = "";

    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = _path, ForeignKeys = true }.ToString();

    /// <summary>Makes the directory and takes the file for this process.</summary>
    /// <exception cref="FnStartException">It cannot be had; most likely another process has it.</exception>
    public void Take()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            // Released by the system however the process ends. Never deleted: a process that opened the old file would hold a lock nobody else sees.
            _lock = new FileStream(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Id = ReadOrMakeId(_path + ".id");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FnStartException(
                $"Fn:DataDirectory: {_path} cannot be taken: {e.Message} One gateway at a time works on a directory, and needs to write in it.", e);
        }
    }

    private static string ReadOrMakeId(string path)
    {
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var known))
            return known.ToString("N");
        var id = Guid.CreateVersion7().ToString("N");
        File.WriteAllText(path, id);
        return id;
    }

    public void Dispose()
    {
        using (var connection = new SqliteConnection(ConnectionString))
            SqliteConnection.ClearPool(connection);
        _lock?.Dispose();
    }
}
