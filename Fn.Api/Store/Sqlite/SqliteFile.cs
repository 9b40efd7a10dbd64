using Fn.ServiceDefaults.Configuration;
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

    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = _path, ForeignKeys = true }.ToString();

    /// <summary>Makes the directory and takes the file for this process.</summary>
    /// <exception cref="InvalidOperationException">Another process has it.</exception>
    public void Take()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        try
        {
            // Released by the system however the process ends. Never deleted: a process that opened the old file would hold a lock nobody else sees.
            _lock = new FileStream(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException)
        {
            throw new InvalidOperationException(
                $"{_path} cannot be taken: {e.Message} One gateway at a time works on a data directory; give each its own with Fn:DataDirectory.", e);
        }
    }

    public void Dispose()
    {
        using (var connection = new SqliteConnection(ConnectionString))
            SqliteConnection.ClearPool(connection);
        _lock?.Dispose();
    }
}
