namespace Fn.Api.Runners;

/// <summary>The remote runners of this gateway: the array <c>Fn:Runners</c>.</summary>
internal sealed class RunnersOptions
{
    public const string Section = "Fn:Runners";

    /// <summary>
    /// Absolute http addresses, <c>http://HOST:PORT</c>. Default: none, so calls run in this process. Read from the section's own elements:
    /// <c>Fn:Runners:0</c>, <c>Fn:Runners:1</c> and so on.
    /// </summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];
}
