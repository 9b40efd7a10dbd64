namespace Fn.ServiceDefaults.Configuration;

/// <summary>The range of a setting in bytes. Written as a number with an optional unit (<c>KiB</c>, <c>MiB</c>, <c>GiB</c>, <c>TiB</c>, <c>PiB</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BytesAttribute(string minimum, string maximum) : Attribute
{
    public string Minimum { get; } = minimum;

    public string Maximum { get; } = maximum;
}
