namespace Fn.Api.Examples;

/// <summary>The functions under <c>examples/</c>: <c>Fn:Examples</c>. Development only.</summary>
internal sealed class ExampleOptions
{
    public const string Section = "Fn:Examples";

    /// <summary>Whether a gateway in Development creates them when it starts. Default: true.</summary>
    public bool Deploy { get; set; } = true;
}
