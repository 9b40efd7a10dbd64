namespace Fn.Api.Dashboard.Invoke;

/// <summary>A call that somebody makes from the dashboard.</summary>
/// <param name="Method">HTTP method that the function sees.</param>
/// <param name="Headers">Headers, a line each.</param>
/// <param name="Body">The body.</param>
public sealed record InvokeRequest(string Method, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What it was answered.</summary>
/// <param name="Status">HTTP status; 0: it was broken off.</param>
/// <param name="Headers">All headers, a line each.</param>
/// <param name="Body">The body, as much of it as is kept.</param>
/// <param name="Length">Bytes that the body had.</param>
/// <param name="Took">From the head to the end of the answer.</param>
public sealed record InvokeAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body, long Length, TimeSpan Took)
{
    /// <summary>The first header of a name; null: none.</summary>
    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Key: not null } found ? found.Value : null;
}
