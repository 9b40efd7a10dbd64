namespace Fn.Tests.Functions.Faulty;

/// <summary>A request's head.</summary>
internal sealed class Request(string method, string target, IReadOnlyList<(string Name, string Value)> headers)
{
    public string Method { get; } = method;

    public string Target { get; } = target;

    public IReadOnlyList<(string Name, string Value)> Headers { get; } = headers;

    public string? Header(string name) => Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
