namespace Fn.Api.Runners;

/// <summary>The remote runners of this gateway: the list <c>Fn:Runners</c>.</summary>
internal sealed class RunnersOptions
{
    public const string Section = "Fn";

    /// <summary>Absolute http addresses, <c>http://HOST:PORT</c>. Default: none, so calls run in this process.</summary>
    public IReadOnlyList<string> Runners { get; set; } = [];
}
