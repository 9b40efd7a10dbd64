namespace Fn.ServiceDefaults.Configuration;

/// <summary>The range of a setting that is a time span. Written as a number with a unit (<c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>) or as <c>hh:mm:ss</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute(string minimum, string maximum) : Attribute
{
    public string Minimum { get; } = minimum;

    public string Maximum { get; } = maximum;
}
