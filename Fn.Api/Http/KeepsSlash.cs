namespace Fn.Api.Http;

/// <summary>On an endpoint whose page needs the slash at its path's end, because its links are relative to it.</summary>
internal sealed class KeepsSlash
{
    public static KeepsSlash Instance { get; } = new();
}
