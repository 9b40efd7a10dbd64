namespace Fn.ServiceDefaults.Configuration;

/// <summary>Where a process keeps its files: <c>Fn</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Fn";

    /// <summary>Directory for the store, runner locks and unpacked images; made when missing. Default: <c>data</c> under the current directory.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary><see cref="DataDirectory"/> as an absolute path.</summary>
    public string FullPath => Path.GetFullPath(DataDirectory);
}
