namespace Fn.Api.Store;

/// <summary>Where this process keeps its files: <c>Fn</c>.</summary>
internal sealed class StoreOptions
{
    public const string Section = "Fn";

    /// <summary>Directory of the SQLite database <c>fn.db</c>; made when it is not there. A relative path is below the current directory. Default: <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";
}
